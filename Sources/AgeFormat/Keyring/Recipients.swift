package import Age
import AgePostQuantum
import AgeSSH
internal import SecretMemory
package import SystemPackage

extension Keyring {
  /// Reads one public key: `age1…` of any native type, or a line with an `ssh-ed25519` key, its options and its comment.
  ///
  /// Converting an SSH key costs two multiplications: read each key once and keep the recipient.
  ///
  /// - Throws: `KeyringError` with the code `.malformed`, or `.notSupported` for types that are known by name only.
  package func recipient(_ text: String) throws(KeyringError) -> any Recipient {
    let text = text.trimmingBlanks
    if text.hasASCIIPrefix("age1") {
      try Self.requireNative(text)
      do { return try Self.nativeRecipient(text) } catch { throw KeyringError(error) }
    }
    if text.hasASCIIPrefix("age-secret-key-") || text.hasASCIIPrefix("age-plugin-") {
      throw KeyringError(
        .malformed, "this is a private key where a public one is wanted",
        hint: "`age-keygen -y FILE` prints the public key")
    }
    do { return try SSHEd25519Recipient(text) } catch {
      if error.code == .malformed && !text.utf8.contains(UInt8(ascii: " ")) {
        throw KeyringError(.malformed, "this is neither an age nor an SSH public key")
      }
      throw KeyringError(error)
    }
  }

  private static func nativeRecipient(_ text: String) throws(AgeError) -> any Recipient {
    switch prefix(of: text) {
    case HybridRecipient.prefix: try HybridRecipient(text)
    case TaggedRecipient.prefix: try TaggedRecipient(text)
    case TaggedHybridRecipient.prefix: try TaggedHybridRecipient(text)
    default: try X25519Recipient(text)
    }
  }

  /// Refuses by name the recipients that begin like native ones: plugins'.
  private static func requireNative(_ text: String) throws(KeyringError) {
    let prefix = prefix(of: text)
    guard !nativePrefixes.contains(prefix) else { return }
    let plugin = prefix.dropFirst("age1".count)
    guard plugin.utf8.allSatisfy({ $0.isPluginCharacter }), !plugin.isEmpty, plugin.count <= 32
    else {
      return
    }
    throw KeyringError(
      .notSupported, "recipients of plugins (age1\(plugin)1…) are not supported yet")
  }

  private static let nativePrefixes = [
    "age", HybridRecipient.prefix, TaggedRecipient.prefix, TaggedHybridRecipient.prefix,
  ]

  /// What stands before the separator of a Bech32 text, in lower case.
  private static func prefix(of text: String) -> String {
    text.utf8.lastIndex(of: UInt8(ascii: "1")).map { text[..<$0].lowercased() } ?? ""
  }

  /// Reads the public keys of a text with one on each line; empty lines and those that begin with `#` are skipped.
  package func recipients(
    in text: String, from place: String
  ) throws(KeyringError) -> [any Recipient] {
    var recipients: [any Recipient] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      let line = String(line).trimmingBlanks
      if line.isEmpty || line.hasPrefix("#") { continue }
      do { recipients.append(try recipient(line)) } catch {
        throw error.at(.init(place, line: lines.count > 2 ? index + 1 : nil))
      }
    }
    return recipients
  }

  /// Reads the public keys of a file; there must be one.
  ///
  /// - Throws: `KeyringError`, whose code tells a file that is missing from one that is unreadable.
  package func recipients(
    at path: FilePath, _ kind: KeyFile.Kind = .regular
  ) throws(KeyringError) -> [any Recipient] {
    let content = try KeyFile.read(path, kind)
    let text = content.withSpan { span in
      String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
    let recipients = try recipients(in: text, from: path.string)
    guard !recipients.isEmpty else {
      throw KeyringError(.malformed, "there is no public key in it", origin: .init(path.string))
    }
    return recipients
  }
}

extension KeyringError {
  init(_ error: AgeError) {
    self.init(
      error.code == .memory ? .memory : .malformed, error.reason, errno: error.errno,
      hint: error.hint)
  }

  init(_ error: SSHKeyError) {
    let code: Code =
      switch error.code {
      case .malformed: .malformed
      case .notSupported, .passwordProtected: .notSupported
      case .memory: .memory
      }
    self.init(code, error.reason, hint: error.hint)
  }
}

extension String {
  /// The text without blanks (line ends included) at either end.
  fileprivate var trimmingBlanks: String {
    let isBlank = { (character: Character) in character.isASCII && character.isWhitespace }
    let tail = drop(while: isBlank)
    guard let last = tail.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(tail[...last])
  }

  /// Whether the text begins with a prefix, in upper or lower case.
  fileprivate func hasASCIIPrefix(_ prefix: String) -> Bool {
    self.prefix(prefix.count).lowercased() == prefix
  }
}

extension UInt8 {
  /// Whether a plugin's name may have this character, in lower case.
  fileprivate var isPluginCharacter: Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= self || UInt8(ascii: "0")...UInt8(ascii: "9") ~= self
      || "+-._".utf8.contains(self)
  }
}
