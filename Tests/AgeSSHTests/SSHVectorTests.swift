import Age
import AgeSSH
import Foundation
import SecretMemory
import TestSupport
import Testing

/// The cases that this repository has, made by age, pyrage and ssh-keygen.
@Suite struct SSHVectorTests {
  static let all = (try? Vector.all(in: packageRoot.appendingPathComponent("Vectors/ssh"))) ?? []
  static let keys = all.filter { $0["expect"]?.hasPrefix("key ") == true }
  static let files = all.filter { $0["expect"]?.hasPrefix("key ") == false }

  @Test func allAreThere() {
    #expect(Self.files.count == 15)
    #expect(Self.keys.count == 6)
  }

  @Test(arguments: files)
  func decrypting(_ vector: Vector) throws {
    let identity = try AgeSSHTests.identity(vector.privateKey)
    let line = try #require(vector["ssh recipient"])
    #expect(line.hasPrefix(identity.recipient.description + " "))
    #expect(try SSHEd25519Recipient(line) == identity.recipient)
    var source = BytesSource(vector.file)
    var sink = BytesSink()
    let failure = code { try decrypt(from: &source, to: &sink, identities: [identity]) }
    #expect(failure == vector.expectedFailure)
    #expect(sha256(sink.bytes) == vector["payload"])
  }

  @Test(arguments: files)
  func encrypting(_ vector: Vector) throws {
    let identity = try AgeSSHTests.identity(vector.privateKey)
    let file = try encrypt(SecretBytes(copying: [1, 2, 3]), recipients: [identity.recipient])
    #expect(try decrypt(file, identities: [identity]) == SecretBytes(copying: [1, 2, 3]))
  }

  @Test(arguments: keys)
  func unusableKeys(_ vector: Vector) throws {
    let code = keyCode { _ = try identity(vector.privateKey) }
    switch vector["expect"] {
    case "key protected": #expect(code == .passwordProtected)
    case "key not supported": #expect(code == .notSupported)
    default: #expect(code == .malformed)
    }
    let line = try #require(vector["ssh recipient"])
    let isEd25519 = line.hasPrefix("ssh-ed25519 ")
    #expect(keyCode { _ = try SSHEd25519Recipient(line) } == (isEd25519 ? nil : .notSupported))
  }
}

extension Vector {
  var privateKey: [UInt8] {
    Array((self["ssh identity"] ?? "").replacingOccurrences(of: "\\n", with: "\n").utf8)
  }

  var expectedFailure: AgeError.Code? {
    switch self["expect"] {
    case "success": nil
    case "no match": .noMatch
    case "HMAC failure": .headerMAC
    case "header failure": .header
    case "payload failure": .payload
    default: .memory
    }
  }
}

/// The identity of a private key file.
func identity(_ file: [UInt8]) throws -> SSHEd25519Identity {
  try SSHEd25519Identity(file.span)
}

/// The code of the error that an expression throws.
func code(_ body: () throws -> Void) -> AgeError.Code? {
  do {
    try body()
    return nil
  } catch {
    return (error as? AgeError)?.code
  }
}

/// The code of the error that an expression throws.
func keyCode(_ body: () throws -> Void) -> SSHKeyError.Code? {
  do {
    try body()
    return nil
  } catch {
    return (error as? SSHKeyError)?.code
  }
}
