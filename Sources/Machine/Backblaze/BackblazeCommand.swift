import Programs
package import SecretMemory
internal import SystemPackage

/// Backblaze's own command, in either of its syntaxes: `b2` of PyPI since version 4 (`b2 bucket create`), and what was
/// before it, such as Debian's `backblaze-b2` (`backblaze-b2 create-bucket`).
///
/// It finds the account by itself, in its environment or in the file that `account authorize` wrote.
package struct BackblazeCommand: Sendable, Equatable {
  /// What it is called by.
  package let name: String
  /// As it says it.
  package let version: String
  /// Whether a command is two words, what it is about and what to do.
  private let hasNouns: Bool

  /// The names that it has, the first that there is being used. Others have a `b2`, too.
  private static let names = ["b2", "backblaze-b2"]
  private static let announcement = "b2 command line tool, version "

  /// After how many days what was hidden, as restic's deletions are, is gone.
  package static let daysOfHiding = 30
  private static let rule =
    #"{"daysFromHidingToDeleting": \#(daysOfHiding), "daysFromUploadingToHiding": null, "fileNamePrefix": ""}"#

  /// Finds the command; nil if there is none.
  package static func find() async -> BackblazeCommand? {
    for name in names {
      // Elsewhere than here, where a build tool that is also called b2 might find something to build.
      guard let output = try? await Program(name, ["version"], directory: "/").output(),
        output.ending.isSuccess, let command = BackblazeCommand(name, announcing: output.text)
      else { continue }
      return command
    }
    return nil
  }

  /// - Parameter text: what `version` prints.
  init?(_ name: String, announcing text: String) {
    guard text.hasPrefix(Self.announcement) else { return nil }
    version = String(text.dropFirst(Self.announcement.count).prefix { !$0.isWhitespace })
    guard let major = Int(version.prefix { $0 != "." }) else { return nil }
    self.name = name
    hasNouns = major >= 4
  }

  /// The calls that make a bucket and a key for it, as a person types them into a shell.
  package static func calls(bucket: String) -> [String] {
    let current = BackblazeCommand("b2", announcing: announcement + "5")!
    return [current.creationOfBucket(bucket), current.creationOfKey(bucket, Rights.all)].map {
      (["b2"] + $0).map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
    }
  }

  /// Whether Backblaze allows a bucket to be called so.
  package static func isBucketName(_ name: String) -> Bool {
    6...63 ~= name.utf8.count && !name.hasPrefix("b2-") && !name.hasPrefix("-")
      && name.utf8.allSatisfy {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "-")
      }
  }

  // MARK: Buckets

  private func creationOfBucket(_ bucket: String) -> [String] {
    hasNouns
      ? ["bucket", "create", bucket, "allPrivate", "--lifecycle-rule", Self.rule]
      : ["create-bucket", "--lifecycleRules", "[\(Self.rule)]", bucket, "allPrivate"]
  }

  /// Makes sure that there is a private bucket whose hidden versions go after 30 days.
  ///
  /// One that is there already, as a run leaves it that was interrupted, is taken if it is just so; nothing of another
  /// is changed.
  ///
  /// - Returns: whether it was made.
  /// - Throws: `BackblazeError` with the code `.bucket`, `.refused` or `.program`.
  package func makeBucket(_ bucket: String) async throws(BackblazeError) -> Bool {
    let found = try await run(hasNouns ? ["bucket", "get", bucket] : ["get-bucket", bucket])
    if found.ending.isSuccess {
      try Self.check(found.bytes.text, of: bucket)
      return false
    }
    guard found.errors.text.lowercased().contains("bucket not found") else {
      throw refusal(found.errors.text, "look for the bucket \(bucket)")
    }
    let made = try await run(creationOfBucket(bucket))
    guard made.ending.isSuccess else {
      throw refusal(made.errors.text, "make the bucket \(bucket)")
    }
    return true
  }

  /// Checks a bucket that is there already, by what the command prints of it.
  static func check(_ description: String, of bucket: String) throws(BackblazeError) {
    let text = description.filter { !$0.isWhitespace }
    guard text.contains(#""bucketType":"allPrivate""#) else {
      throw BackblazeError(
        .bucket, "use the bucket \(bucket): it is there already, and not private",
        hint: "name another, or make it private")
    }
    let rules =
      text.ranges(of: #""lifecycleRules":["#).first
      .map { text[$0.upperBound...].prefix { $0 != "]" } } ?? ""
    let isOurs =
      rules.count { $0 == "{" } == 1
      && [
        #""daysFromHidingToDeleting":\#(daysOfHiding)"#, #""daysFromUploadingToHiding":null"#,
        #""fileNamePrefix":"""#,
      ].allSatisfy(rules.contains)
    guard isOurs else {
      throw BackblazeError(
        .bucket,
        "use the bucket \(bucket): it is there already, and its rules are not to delete what was hidden after \(daysOfHiding) days",
        hint: "name another, or give it this lifecycle rule alone: \(rule)")
    }
  }

  // MARK: Keys

  /// A new key: its id, and the lines of an environment file that tell restic of it.
  package struct Key: ~Copyable, Sendable {
    package let id: String
    package let environment: SecretBytes
    /// Rights of those it should have that are unknown to the account.
    package let withheld: [String]
  }

  private func creationOfKey(_ bucket: String, _ rights: [String]) -> [String] {
    (hasNouns ? ["key", "create"] : ["create-key"])
      + ["--bucket", bucket, "adage-\(bucket)", rights.joined(separator: ",")]
  }

  /// Makes a key for a bucket alone, with the rights that restic needs and those that are useful.
  ///
  /// Where one of the useful ones is refused, the key is made without them.
  ///
  /// - Throws: `BackblazeError` with the code `.refused`, `.program` or `.answer`.
  package func makeKey(for bucket: String) async throws(BackblazeError) -> Key {
    let made = try await run(creationOfKey(bucket, Rights.all))
    if made.ending.isSuccess { return try key(made.bytes, withheld: []) }
    let reason = made.errors.text
    guard Rights.useful.contains(where: reason.contains) else {
      throw refusal(reason, "make a key for the bucket \(bucket)")
    }
    let rights = Rights.all.filter { !Rights.useful.contains($0) }
    let second = try await run(creationOfKey(bucket, rights))
    guard second.ending.isSuccess else {
      throw refusal(second.errors.text, "make a key for the bucket \(bucket)")
    }
    return try key(second.bytes, withheld: Rights.useful)
  }

  private func key(
    _ output: borrowing SecretBytes, withheld: [String]
  ) throws(BackblazeError) -> Key {
    guard let words = output.words(), words.count == 2,
      output.withSpan({ bytes in words.allSatisfy { $0.allSatisfy { Self.isOfKey(bytes[$0]) } } })
    else { throw BackblazeError(.answer, "make a key: \(name) does not print an id and a key") }
    do throws(SecretMemoryError) {
      var buffer = try SecretBuffer(capacity: 256, locking: .required)
      try output.withSpan { bytes throws(SecretMemoryError) in
        try buffer.append(Array("B2_ACCOUNT_ID=".utf8).span)
        try buffer.append(bytes.extracting(words[0]))
        try buffer.append(Array("\nB2_ACCOUNT_KEY=".utf8).span)
        try buffer.append(bytes.extracting(words[1]))
        try buffer.append([UInt8(ascii: "\n")].span)
      }
      let id = output.withSpan { bytes in
        String(decoding: words[0].map { bytes[$0] }, as: UTF8.self)
      }
      return Key(id: id, environment: buffer.finish(), withheld: withheld)
    } catch {
      throw BackblazeError(.program, "keep the new key: \(error)", hint: error.hint)
    }
  }

  /// Whether a byte may be in an id or a key, so that neither a shell nor systemd takes it for something else.
  private static func isOfKey(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "+/=-_".utf8.contains(byte)
    }
  }

  /// Takes a key away again.
  package func removeKey(_ id: String) async throws(BackblazeError) {
    let removed = try await run(hasNouns ? ["key", "delete", id] : ["delete-key", id])
    guard removed.ending.isSuccess else {
      throw refusal(removed.errors.text, "remove the key \(id)")
    }
  }

  // MARK: Running it

  private func run(_ arguments: [String]) async throws(BackblazeError) -> Program.SecretOutput {
    do {
      return try await Program(name, arguments).secretOutput()
    } catch {
      throw BackblazeError(.program, error.description)
    }
  }

  /// A refusal with the last line that the command said of it.
  private func refusal(_ said: String, _ operation: String) -> BackblazeError {
    let lines = said.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    var reason = lines.last.map(String.init) ?? "it says nothing"
    if reason.hasPrefix("ERROR: ") { reason = String(reason.dropFirst(7)) }
    let isUnauthorized = ["uthoriz", "account"].contains(where: reason.contains)
    let authorize = hasNouns ? "account authorize" : "authorize-account"
    return BackblazeError(
      .refused, "\(operation): \(name) says: \(reason)",
      hint: isUnauthorized
        ? "\(name) \(authorize) takes an application key that may make buckets and keys" : nil)
  }
}

extension SecretBytes {
  /// What is no secret, as text.
  fileprivate var text: String {
    withSpan { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
  }

  /// Where the words of the last line are that has any.
  fileprivate borrowing func words() -> [Range<Int>]? {
    withSpan { bytes in
      bytes.indices.split { bytes[$0] == UInt8(ascii: "\n") || bytes[$0] == UInt8(ascii: "\r") }
        .last.map { line in
          line.split { bytes[$0] == UInt8(ascii: " ") }.map { $0.startIndex..<$0.endIndex }
        }
    }
  }
}
