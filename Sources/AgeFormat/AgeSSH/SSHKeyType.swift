/// The types of SSH keys that are known by name.
package enum SSHKeyType {
  package static let ed25519 = "ssh-ed25519"

  private static let others: Set<String> = [
    "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
  ]
  private static let certificateSuffix = "-cert-v01@openssh.com"

  /// Whether a word is the name of a type.
  package static func isKnown(_ word: String) -> Bool {
    guard word.hasSuffix(certificateSuffix) else { return word == ed25519 || others.contains(word) }
    let type = word.dropLast(certificateSuffix.count)
    return isKnown(String(type)) || isKnown("\(type)@openssh.com")
  }

  /// The error for a type that is not `ssh-ed25519`; it repeats the name only if that is known.
  static func refusal(_ type: String) -> SSHKeyError {
    guard isKnown(type) else { return SSHKeyError(.notSupported, "the key's type is unknown") }
    if type == "ssh-rsa" {
      return SSHKeyError(.notSupported, "ssh-rsa keys are not supported yet")
    }
    return SSHKeyError(
      .notSupported, "\(type) keys cannot encrypt", hint: "use a key of type ssh-ed25519")
  }
}
