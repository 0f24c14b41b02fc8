import SecretMemory

/// A private key of a type that can encrypt.
enum SSHPrivateKey: ~Copyable {
  case ed25519(Ed25519PrivateKey)
  case rsa(RSAPrivateKey)

  /// The public key in SSH's wire format.
  var blob: [UInt8] {
    switch self {
    case .ed25519(let key): key.blob
    case .rsa(let key): key.publicKey.blob
    }
  }

  /// What decrypts with the key.
  consuming func identity() throws(SSHKeyError) -> any SSHIdentity {
    switch consume self {
    case .ed25519(let key): try SSHEd25519Identity(key)
    case .rsa(let key): SSHRSAIdentity(key)
    }
  }
}

/// A private key file in one of the forms that `ssh-keygen` writes, protected by a password or not.
enum SSHKeyFile: ~Copyable {
  case openSSH(OpenSSHKey)
  case pkcs1(SecretBytes)
  case protectedPKCS1(TraditionalEncryption)
  case pkcs8(SecretBytes)
  case protectedPKCS8(PBES2)

  /// Reads the text of a file.
  ///
  /// - Throws: `SSHKeyError` with the code `.malformed`, `.notSupported` (a type, or a way of protection) or `.memory`.
  init(_ text: Span<UInt8>) throws(SSHKeyError) {
    let pem = try PEM(text)
    guard pem.headers.isEmpty || pem.label == .pkcs1 else {
      throw SSHKeyError(.malformed, "the key has headers that its form does not have")
    }
    switch pem.label {
    case .openSSH: self = .openSSH(try OpenSSHKey(pem.bytes))
    case .pkcs1 where pem.headers.isEmpty: self = .pkcs1(pem.bytes)
    case .pkcs1:
      self = .protectedPKCS1(try TraditionalEncryption(headers: pem.headers, pem.bytes))
    case .pkcs8: self = .pkcs8(pem.bytes)
    case .encryptedPKCS8: self = .protectedPKCS8(try PBES2(pem.bytes))
    case .dsa: throw SSHKeyType.cannotEncrypt("dsa")
    case .ecdsa: throw SSHKeyType.cannotEncrypt("ecdsa")
    }
  }

  /// Whether a password protects the private key.
  var isProtected: Bool {
    switch self {
    case .openSSH(let key): key.isProtected
    case .pkcs1: false
    case .pkcs8: false
    case .protectedPKCS1: true
    case .protectedPKCS8: true
    }
  }

  /// The public key in SSH's wire format, where it can be read without the password and before the private key.
  var publicBlob: [UInt8]? {
    switch self {
    case .openSSH(let key): key.publicBlob
    default: nil
    }
  }

  /// The key of a file that is not protected.
  func key() throws(SSHKeyError) -> SSHPrivateKey {
    switch self {
    case .openSSH(let key): try key.key()
    case .pkcs1(let bytes): .rsa(try PKCS1.key(bytes))
    case .pkcs8(let bytes): try PKCS8.key(bytes)
    default: throw .passwordProtected
    }
  }

  /// The key of a file that is protected.
  ///
  /// - Throws: `SSHKeyError` with the code `.wrongPassword`, `.malformed`, `.notSupported` or `.memory`.
  func key(password: borrowing SecretBytes) throws(SSHKeyError) -> SSHPrivateKey {
    switch self {
    case .openSSH(let key): return try key.key(password: password)
    case .protectedPKCS1(let encryption):
      let bytes = try encryption.decrypted(password)
      return try unauthenticated { () throws(SSHKeyError) in .rsa(try PKCS1.key(bytes)) }
    case .protectedPKCS8(let encryption):
      let bytes = try encryption.decrypted(password)
      return try unauthenticated { () throws(SSHKeyError) in try PKCS8.key(bytes) }
    default: return try key()
    }
  }

  /// Reads what a wrong password would have decrypted to nonsense, as nothing but that nonsense could tell.
  private func unauthenticated(
    _ read: () throws(SSHKeyError) -> SSHPrivateKey
  ) throws(SSHKeyError) -> SSHPrivateKey {
    do { return try read() } catch {
      throw error.code == .malformed ? .wrongPassword : error
    }
  }
}

extension SSHKeyError {
  static var passwordProtected: SSHKeyError {
    SSHKeyError(.passwordProtected, "the key is protected by a password")
  }

  static var wrongPassword: SSHKeyError {
    SSHKeyError(.wrongPassword, "the password is wrong")
  }
}
