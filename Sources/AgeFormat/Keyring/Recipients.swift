package import Age
import AgePlugin
import AgePostQuantum
import AgeSSH
internal import SecretMemory
package import SystemPackage

extension Keyring {
  /// Reads one public key: `age1…` of any native type, or a line with an SSH key, its options and its comment.
  ///
  /// Converting an SSH key costs two multiplications: read each key once and keep the recipient.
  ///
  /// - Throws: `KeyringError` with the code `.malformed`, or `.notSupported` for types that are known by name only.
  package func recipient(_ text: String) throws(KeyringError) -> any Recipient {
    let text = text.trimmingBlanks
    if text.hasASCIIPrefix("age1") {
      do { return try ageRecipient(text) } catch { throw KeyringError(error) }
    }
    if text.hasASCIIPrefix("age-secret-key-") || text.hasASCIIPrefix("age-plugin-") {
      throw KeyringError(
        .malformed, "this is a private key where a public one is wanted",
        hint: "`age-keygen -y FILE` prints the public key")
    }
    do { return try sshRecipient(text) } catch {
      if error.code == .malformed && !text.utf8.contains(UInt8(ascii: " ")) {
        throw KeyringError(.malformed, "this is neither an age nor an SSH public key")
      }
      throw KeyringError(error)
    }
  }

  private func ageRecipient(_ text: String) throws(AgeError) -> any Recipient {
    switch Self.prefix(of: text) {
    case "", "age": try X25519Recipient(text)
    case HybridRecipient.prefix: try HybridRecipient(text)
    case TaggedRecipient.prefix: try TaggedRecipient(text)
    case TaggedHybridRecipient.prefix: try TaggedHybridRecipient(text)
    default: try PluginRecipients(text, plugins)
    }
  }

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
      case .malformed, .wrongPassword: .malformed
      case .notSupported, .passwordProtected, .publicKeyMissing: .notSupported
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
