import CLibsodium
public import SecretMemory

/// Deriving a wrap key from a password (Section "The scrypt recipient type").
private enum Scrypt {
  static let stanzaType = Stanza.scryptType
  static let saltSize = 16
  static let saltPrefix = "age-encryption.org/v1/scrypt"

  /// Derives 32 bytes, for which it takes 2^`workFactor` KiB of memory.
  static func wrapKey(
    _ password: borrowing SecretBytes, salt: [UInt8], workFactor: Int
  ) throws(AgeError) -> SecretBytes {
    let salt = Array(saltPrefix.utf8) + salt
    var key = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: 32) }
    let status = unsafe password.withUnsafeBytes { password in
      unsafe key.withUnsafeMutableBytes { key in
        unsafe crypto_pwhash_scryptsalsa208sha256_ll(
          password.assumingMemoryBound(to: UInt8.self).baseAddress!, password.count, salt,
          salt.count, 1 << UInt64(workFactor), 8, 1,
          key.assumingMemoryBound(to: UInt8.self).baseAddress!, key.count)
      }
    }
    guard status == 0 else {
      throw AgeError(
        .memory, "derive a key from the password: there is not enough memory (2^\(workFactor) KiB)")
    }
    return key
  }
}

extension Stanza {
  /// The type of a stanza that must be alone in its header.
  package static let scryptType = "scrypt"
}

/// A password to encrypt with; it must be the only recipient of a file.
public final class ScryptRecipient: Recipient {
  /// The work factor of `age`: about a second.
  public static let defaultWorkFactor = 18

  private let password: SecretBytes
  private let workFactor: Int

  /// Takes a password and the base-two logarithm of the work factor.
  ///
  /// - Throws: `AgeError` with the code `.recipient` for an empty password or a work factor outside of 1 to 22.
  public init(
    password: consuming SecretBytes, workFactor: Int = defaultWorkFactor
  ) throws(AgeError) {
    guard !password.isEmpty else { throw AgeError(.recipient, "encrypt: the password is empty") }
    guard 1...ScryptIdentity.defaultLimit ~= workFactor else {
      throw AgeError(
        .recipient,
        "encrypt: the work factor \(workFactor) is not from 1 to \(ScryptIdentity.defaultLimit)")
    }
    self.password = password
    self.workFactor = workFactor
  }

  public func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping {
    let salt = unsafe [UInt8](unsafeUninitializedCapacity: Scrypt.saltSize) { buffer, count in
      unsafe randombytes_buf(buffer.baseAddress!, Scrypt.saltSize)
      count = Scrypt.saltSize
    }
    let wrapKey = try Scrypt.wrapKey(password, salt: salt, workFactor: workFactor)
    let argument = String(decoding: Base64.encode(salt.span), as: UTF8.self)
    let stanza = Stanza(
      type: Scrypt.stanzaType, arguments: [argument, String(workFactor)],
      body: fileKey.sealed(under: wrapKey))
    // Nobody else has this label, so no other recipient goes with it. The salt makes two passwords differ, too.
    return Wrapping([stanza], labels: ["scrypt \(argument)"])
  }
}

/// A password to decrypt with, known or asked for.
public final class ScryptIdentity: Identity {
  /// The largest work factor that is accepted of a file, unless one says otherwise: 4 GiB of memory.
  public static let defaultLimit = 22

  public let asksSomebody: Bool
  private let password: AskedPassword
  private let limit: Int

  /// Takes a password and the largest work factor, as a base-two logarithm, that is accepted.
  public init(password: consuming SecretBytes, limit: Int = defaultLimit) {
    self.password = AskedPassword(password)
    self.limit = limit
    asksSomebody = false
  }

  /// Asks for the password when a file needs one, once.
  public init(asking prompter: any Prompter, for prompt: String, limit: Int = defaultLimit) {
    password = AskedPassword(prompt, of: prompter)
    self.limit = limit
    asksSomebody = true
  }

  public var name: String { "password" }

  public func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    files.map { stanzas in
      Unwrapping(stanzas) { stanza throws(AgeError) in try unwrap(stanza) }
    }
  }

  private func unwrap(_ stanza: Stanza) throws(AgeError) -> FileKey? {
    guard stanza.type == Scrypt.stanzaType else { return nil }
    try stanza.requireShape(arguments: 2)
    let salt = try stanza.bytes(ofArgument: 0, count: Scrypt.saltSize)
    let workFactor = try workFactor(stanza.arguments[1])
    let wrapKey = try Scrypt.wrapKey(try password.copy(), salt: salt, workFactor: workFactor)
    guard let fileKey = try FileKey.opened(stanza.body, under: wrapKey) else {
      throw AgeError(.wrongPassword, "unwrap the file key: the password is wrong")
    }
    return fileKey
  }

  /// Reads a work factor: digits, the first of them not zero.
  private func workFactor(_ text: String) throws(AgeError) -> Int {
    let digits = text.utf8
    let isNumber = digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard isNumber, digits.first != UInt8(ascii: "0") else {
      throw AgeError(.header, "scrypt stanza has a work factor that is no number")
    }
    guard let value = Int(text), value <= limit else {
      throw AgeError(.header, "scrypt stanza has a work factor over the limit of \(limit)")
    }
    return value
  }
}
