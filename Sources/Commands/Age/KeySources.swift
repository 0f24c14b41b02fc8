import Age
import AgeSSH
import Glibc
import Keyring
import SecretMemory
import SystemFiles
import SystemPackage

/// The keys that a command line of `age` names.
struct KeySources {
  let keyring: Keyring
  let console: Console
  /// Whether something else reads standard input, which can be read once.
  var standardInputIsTaken: Bool

  // MARK: Recipients

  /// The recipient that `-r` gives; what may be a private key is not repeated.
  func recipient(_ text: String, number: Int) throws(AgeFailure) -> any Recipient {
    for service in ["github:", "https:", "http:"] where text.hasPrefix(service) {
      throw AgeFailure(
        "\(service.quoted) recipients were removed from the design",
        hint: "instead, download the keys and use them as a file: age -R FILE")
    }
    do throws(KeyringError) {
      return try keyring.recipient(text)
    } catch {
      throw failure(error, text, number)
    }
  }

  private func failure(_ error: KeyringError, _ text: String, _ number: Int) -> AgeFailure {
    let lowercased = text.prefix(15).lowercased()
    if ["age1", "ssh-", "ecdsa-", "sk-"].contains(where: lowercased.hasPrefix) {
      return AgeFailure("malformed recipient \(text.quoted): \(error)", hint: error.hint)
    }
    let isFile = (try? FileStatus(FilePath(text))) != nil
    return AgeFailure(
      "unknown recipient type: -r/--recipient number \(number): \(error)",
      hint: isFile ? "to encrypt to the keys in a file, use -R/--recipients-file" : error.hint)
  }

  /// The recipients of a file; SSH keys that cannot encrypt are passed over with a warning.
  mutating func recipients(ofFile name: String) throws(AgeFailure) -> [any Recipient] {
    let start = "failed to parse recipient file \(name.quoted)"
    try takeStandardInput(for: name, start)
    let text: String
    do throws(KeyringError) {
      text = try self.text(of: name).withSpan { bytes in
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
      }
    } catch {
      throw Self.failure(error, name, start)
    }
    var recipients: [any Recipient] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) { continue }
      do throws(KeyringError) {
        recipients.append(try keyring.recipient(String(line)))
      } catch {
        if let type = try? SSHPublicKeyLine(String(line)).type {
          console.warn(
            "recipients file \(name.quoted): ignoring unsupported SSH key of type \(type.quoted) "
              + "at line \(index + 1)")
          continue
        }
        throw AgeFailure(
          "\(start): \(name.quoted): malformed recipient at line \(index + 1): \(error)",
          hint: error.hint)
      }
    }
    guard !recipients.isEmpty else {
      throw AgeFailure("\(start): \(name.quoted): no recipients found")
    }
    return recipients
  }

  // MARK: Identities

  /// The identities of a file: age's own, an SSH key, or either encrypted.
  mutating func identities(ofFile name: String) throws(AgeFailure) -> [any Identity] {
    let start = "reading \(name.quoted)"
    try takeStandardInput(for: name, start)
    do throws(KeyringError) {
      if name != "-" { return try keyring.identities(at: FilePath(name), .readable) }
      return try keyring.identities(in: try text(of: name), from: name)
    } catch {
      throw Self.failure(error, name, start)
    }
  }

  /// The recipients that the private keys of a file stand for, or the SSH public keys in it.
  mutating func publicKeys(ofFile name: String) throws(AgeFailure) -> [any Recipient] {
    let start = "reading \(name.quoted)"
    try takeStandardInput(for: name, start)
    let identities: [any Identity]
    do throws(KeyringError) {
      let text = try text(of: name)
      if let lines = text.withSpan(Self.publicLines) {
        return try keyring.recipients(in: lines, from: name)
      }
      identities = try keyring.identities(
        in: text, from: name, at: name == "-" ? nil : FilePath(name))
    } catch {
      throw Self.failure(error, name, start)
    }
    var recipients: [any Recipient] = []
    for identity in identities {
      recipients += try inWordsOfAge { () throws(AgeError) in try identity.recipients() }
    }
    return recipients
  }

  /// The text, if its first line that is no comment is an SSH public key; nil for any other, which may be secret.
  private static func publicLines(_ text: Span<UInt8>) -> String? {
    let lines = text.indices.split(whereSeparator: { text[$0] == UInt8(ascii: "\n") })
    guard let first = lines.first(where: { text[$0.lowerBound] != UInt8(ascii: "#") }) else {
      return nil
    }
    for secret in ["-----", "AGE-", "age-"] where first.count >= secret.utf8.count {
      if zip(first, secret.utf8).allSatisfy({ text[$0] == $1 }) { return nil }
    }
    let line = String(decoding: first.map { text[$0] }, as: UTF8.self)
    guard (try? SSHPublicKeyLine(line)) != nil else { return nil }
    return String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
  }

  /// The identity of a plugin that needs no data.
  func identity(ofPlugin name: String) throws(AgeFailure) -> any Identity {
    do { return try keyring.identity(ofPlugin: name) } catch {
      throw AgeFailure("initializing \(name.quoted): \(error)", hint: error.hint)
    }
  }

  // MARK: Files

  /// A whole file in locked memory; `-` is standard input.
  private mutating func text(of name: String) throws(KeyringError) -> SecretBytes {
    name == "-"
      ? try KeyFile.read(.standardInput, .readable) : try KeyFile.read(FilePath(name), .readable)
  }

  /// Makes sure that standard input is read once.
  private mutating func takeStandardInput(for name: String, _ start: String) throws(AgeFailure) {
    guard name == "-" else { return }
    if standardInputIsTaken {
      throw AgeFailure("\(start): standard input is used for multiple purposes")
    }
    standardInputIsTaken = true
  }

  /// What is wrong with a file of keys, in `age`'s words where it has some.
  private static func failure(_ error: KeyringError, _ name: String, _ start: String) -> AgeFailure
  {
    if error.code == .missing {
      return AgeFailure("\(start): failed to open file: open \(name): no such file or directory")
    }
    var reason = error.reason
    if let errno = error.errno { reason += ": \(errno.description.lowercased())" }
    if let line = error.origin?.line { reason = "error at line \(line): \(reason)" }
    reason = reason.replacingPhrase("this is no private key that is known", "unknown identity type")
    reason = reason.replacingPhrase("there is no private key in it", "no secret keys found")
    return AgeFailure("\(start): failed to read \(name.quoted): \(reason)", hint: error.hint)
  }
}

extension String {
  /// The text with `age`'s phrase before one of ours, at its end.
  fileprivate func replacingPhrase(_ ours: String, _ theirs: String) -> String {
    hasSuffix(ours) ? "\(dropLast(ours.count))\(theirs): \(ours)" : self
  }
}
