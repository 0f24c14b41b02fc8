/// The types of SSH keys that are known by name.
package enum SSHKeyType {
  package static let ed25519 = "ssh-ed25519"
  package static let rsa = "ssh-rsa"

  private static let others: Set<String> = [
    "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
  ]
  private static let certificateSuffix = "-cert-v01@openssh.com"

  /// Whether a word is the name of a type.
  package static func isKnown(_ word: String) -> Bool {
    guard word.hasSuffix(certificateSuffix) else {
      return word == ed25519 || word == rsa || others.contains(word)
    }
    let type = word.dropLast(certificateSuffix.count)
    return isKnown(String(type)) || isKnown("\(type)@openssh.com")
  }

  /// The error for a type that is not wanted; it repeats the name only if that is known.
  static func refusal(_ type: String, wanted: String = "\(ed25519) or \(rsa)") -> SSHKeyError {
    guard isKnown(type) else { return SSHKeyError(.notSupported, "the key's type is unknown") }
    if type == ed25519 || type == rsa {
      return SSHKeyError(.notSupported, "the key is of type \(type) and not \(wanted)")
    }
    return cannotEncrypt(type, wanted: wanted)
  }

  /// The error for keys that make signatures only.
  static func cannotEncrypt(
    _ name: String, wanted: String = "\(ed25519) or \(rsa)"
  ) -> SSHKeyError {
    SSHKeyError(.notSupported, "\(name) keys cannot encrypt", hint: "use a key of type \(wanted)")
  }
}
