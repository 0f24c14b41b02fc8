package import Age
import AgePlugin
import AgePostQuantum
import AgeSSH
package import SecretMemory
package import SystemPackage

extension Keyring {
  /// Reads the private keys of a file: age identities, one on each line; one SSH private key; or an age file under a
  /// password that holds either.
  ///
  /// - Throws: `KeyringError`, whose code tells a file that is missing from one that is unreadable, damaged or of a kind
  ///   that is not supported yet.
  package func identities(
    at path: FilePath, _ kind: KeyFile.Kind = .regular
  ) throws(KeyringError) -> [any Identity] {
    try identities(in: try KeyFile.read(path, kind), from: path.string, at: path)
  }

  /// Reads the private keys of a file's text; `place` is what messages call it.
  ///
  /// - Parameter path: where the file is, if it is one: the public key of an SSH key may lie beside it.
  package func identities(
    in text: borrowing SecretBytes, from place: String, at path: FilePath? = nil
  ) throws(KeyringError) -> [any Identity] {
    try text.withSpan { text throws(KeyringError) in
      let lines = lines(of: text)
      let first = lines.first { !$0.isEmpty }
      let start = text.extracting(first ?? 0..<0)
      if start.begins(with: "age-encryption.org/")
        || start.begins(with: "-----BEGIN AGE ENCRYPTED FILE-----")
      {
        return [encryptedFile(text, place)]
      }
      if start.begins(with: "-----BEGIN ") {
        return [try namedSSHIdentity(text, place, path)]
      }
      return try ageIdentities(text, lines, place)
    }
  }

  /// The identities of a file that a password protects; what is in it may not be such a file again.
  private func encryptedFile(_ text: Span<UInt8>, _ place: String) -> any Identity {
    let file = text.indices.map { text[$0] }
    return EncryptedIdentityFile(file, at: place, prompter: prompter) { text throws(KeyringError) in
      let identities = try identities(in: text, from: place)
      guard !identities.contains(where: { $0 is EncryptedIdentityFile }) else {
        throw KeyringError(
          .malformed, "an encrypted identity file is encrypted once more", origin: .init(place))
      }
      return Plugins.grouped(identities)
    }
  }

  private func namedSSHIdentity(
    _ text: Span<UInt8>, _ place: String, _ path: FilePath?
  ) throws(KeyringError) -> any Identity {
    let identity = try sshIdentity(text, place, path)
    return NamedIdentity(name: "\(place) (\(identity.keyType))", identity: identity)
  }

  private func ageIdentities(
    _ text: Span<UInt8>, _ lines: [Range<Int>], _ place: String
  ) throws(KeyringError) -> [any Identity] {
    let keys = lines.enumerated().filter {
      !$0.element.isEmpty && text[$0.element.lowerBound] != UInt8(ascii: "#")
    }
    var identities: [any Identity] = []
    for (index, line) in keys {
      let key = text.extracting(line)
      let name = keys.count == 1 ? place : "\(place), line \(index + 1)"
      do {
        if key.begins(with: "AGE-PLUGIN-") {
          identities.append(try pluginIdentity(key, name))
          continue
        }
        let (identity, type) = try ageIdentity(key)
        identities.append(NamedIdentity(name: "\(name) (\(type))", identity: identity))
      } catch {
        throw error.at(.init(place, line: index + 1))
      }
    }
    guard !identities.isEmpty else {
      throw KeyringError(.malformed, "there is no private key in it", origin: .init(place))
    }
    return identities
  }

  /// The identity of a plugin that needs to know nothing but that it is meant.
  ///
  /// - Throws: `KeyringError` with the code `.malformed` if `name` is none.
  package func identity(ofPlugin name: String) throws(KeyringError) -> any Identity {
    do { return try PluginIdentities(ofPlugin: name, plugins) } catch { throw KeyringError(error) }
  }

  private func pluginIdentity(
    _ key: Span<UInt8>, _ name: String
  ) throws(KeyringError) -> PluginIdentities {
    do { return try PluginIdentities(key, from: name, plugins) } catch { throw KeyringError(error) }
  }

  /// Reads an identity, and says its type.
  private func ageIdentity(
    _ key: Span<UInt8>
  ) throws(KeyringError) -> (any Identity, type: String) {
    if key.begins(with: "AGE1") || key.begins(with: "SSH-") || key.begins(with: "ECDSA-") {
      throw KeyringError(
        .malformed, "this is a public key where a private one is wanted")
    }
    do {
      if key.begins(with: "AGE-SECRET-KEY-1") { return (try X25519Identity(key), "X25519") }
      if key.begins(with: "AGE-SECRET-KEY-PQ-1") {
        return (try HybridIdentity(key), HybridIdentity.type)
      }
    } catch {
      throw KeyringError(error)
    }
    throw KeyringError(.malformed, "this is no private key that is known")
  }

  /// The lines of a text, without blanks at their ends; the text is secret, so nothing is copied.
  private func lines(of text: Span<UInt8>) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count && text[end] != UInt8(ascii: "\n") { end += 1 }
      var first = start
      while first < end && Self.isBlank(text[first]) { first += 1 }
      var last = end
      while last > first && Self.isBlank(text[last - 1]) { last -= 1 }
      lines.append(first..<last)
      start = end + 1
    }
    return lines
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte
  }
}

/// An identity with the name of the file it is from.
private struct NamedIdentity: Identity {
  let name: String
  let identity: any Identity

  var asksSomebody: Bool { identity.asksSomebody }

  func unwrap(_ files: [[Stanza]]) -> [Unwrapping] { identity.unwrap(files) }

  func recipients() throws(AgeError) -> [any Recipient] { try identity.recipients() }
}

extension Span<UInt8> {
  /// Whether the bytes begin with ASCII text, in upper or lower case.
  fileprivate func begins(with prefix: String) -> Bool {
    count >= prefix.utf8.count
      && zip(indices, prefix.utf8).allSatisfy { Self.upper(self[$0]) == Self.upper($1) }
  }

  private static func upper(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte ? byte & ~0x20 : byte
  }
}
