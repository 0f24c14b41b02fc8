public import Age

/// A private key of SSH's.
public protocol SSHIdentity: Identity {
  /// The type of the key: `ssh-ed25519` or `ssh-rsa`.
  var keyType: String { get }

  /// The age identity that an Ed25519 key stands for, as ssh-to-age has it: the secret scalar of its signatures.
  ///
  /// - Throws: `AgeError` with the code `.identity` for a key of another type, or what asking for a password gave.
  func x25519Identity() throws(AgeError) -> X25519Identity
}

/// Reads a private key file in any form that `ssh-keygen` writes, protected by a password or not.
///
/// - Parameters:
///   - file: the text of the file.
///   - path: what messages and prompts call the key.
///   - publicKey: the line in `KEY.pub`, for a protected key that is not in OpenSSH's own format.
///   - prompter: who is asked for the password of a protected key.
/// - Throws: `SSHKeyError`, which repeats nothing of the file.
public func sshIdentity(
  _ file: Span<UInt8>, path: String, publicKey: String? = nil,
  prompter: any Prompter = NobodyToAsk()
) throws(SSHKeyError) -> any SSHIdentity {
  let file = try SSHKeyFile(file)
  guard file.isProtected else { return try file.key().identity() }
  return try ProtectedSSHIdentity(file, path: path, publicKey: publicKey, prompter: prompter)
}
