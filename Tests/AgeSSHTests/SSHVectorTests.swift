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
    #expect(Self.files.count == 47)
    #expect(Self.files.filter { $0["ssh passphrase"] != nil }.count == 18)
    #expect(Self.keys.count == 8)
  }

  @Test(arguments: files)
  func decrypting(_ vector: Vector) throws {
    let identity = try vector.identity()
    let line = try #require(vector["ssh recipient"])
    let recipients = try identity.recipients().map { "\($0)" }
    #expect(recipients.count == 1 && line.hasPrefix(recipients[0] + " "))
    #expect("\(try sshRecipient(line))" == recipients[0])
    var source = BytesSource(vector.file)
    var sink = BytesSink()
    let failure = code { try decrypt(from: &source, to: &sink, identities: [identity]) }
    #expect(failure == vector.expectedFailure)
    #expect(sha256(sink.bytes) == vector["payload"])
  }

  @Test(arguments: files)
  func encrypting(_ vector: Vector) throws {
    let identity = try vector.identity()
    let file = try encrypt(
      SecretBytes(copying: [1, 2, 3]), recipients: identity.recipients())
    #expect(try decrypt(file, identities: [identity]) == SecretBytes(copying: [1, 2, 3]))
  }

  /// Debian's age opens what is encrypted here to every key that it takes.
  @Test func ageReadsOurs() async throws {
    let keys = Self.files.filter { $0.name.hasPrefix("key_") && $0["ssh passphrase"] == nil }
    #expect(keys.count == 6)
    for vector in keys {
      let directory = try TemporaryDirectory()
      let path = try directory.write("key", vector.privateKey)
      let file = try encrypt(
        SecretBytes(copying: [1, 2, 3]), recipients: vector.identity().recipients())
      #expect(try await runChecked("age", ["-d", "-i", path], input: file) == [1, 2, 3])
    }
  }

  @Test(arguments: keys)
  func unusableKeys(_ vector: Vector) throws {
    let code = keyCode { _ = try vector.identity() }
    #expect(code == (vector["expect"] == "key malformed" ? .malformed : .notSupported))
    let line = try #require(vector["ssh recipient"])
    let isEd25519 = line.hasPrefix("ssh-ed25519 ")
    #expect(keyCode { _ = try sshRecipient(line) } == (isEd25519 ? nil : .notSupported))
  }
}

extension Vector {
  var privateKey: [UInt8] {
    Array((self["ssh identity"] ?? "").replacingOccurrences(of: "\\n", with: "\n").utf8)
  }

  /// The identity, which asks for its password if it has one.
  func identity() throws -> any SSHIdentity {
    try sshIdentity(
      privateKey.span, path: name, publicKey: self["ssh recipient"],
      prompter: Person(self["ssh passphrase"] ?? "not asked for"))
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
