import Age
import Foundation
import SecretMemory
import TestSupport
import Testing

/// The published vectors of the age format, which lie outside of this repository.
enum Testkit {
  static let directory: URL = {
    if let path = ProcessInfo.processInfo.environment["AGE_TESTKIT"] {
      return URL(fileURLWithPath: path)
    }
    return packageRoot.deletingLastPathComponent().appendingPathComponent("shared/testkit")
  }()

  static let isThere = FileManager.default.fileExists(atPath: directory.path)
  static let all = (try? Vector.all(in: directory)) ?? []
}

@Suite(
  .enabled(
    if: Testkit.isThere,
    "the published vectors are not there: set AGE_TESTKIT to their directory, or put them at ../shared/testkit"
  ))
struct TestkitTests {
  @Test func allAreThere() {
    #expect(Testkit.all.count == 143)
  }

  @Test(arguments: Testkit.all)
  func streaming(_ vector: Vector) throws {
    try vector.check(step: 1 << 20)
  }

  /// How a source cuts its bytes must make no difference.
  @Test(arguments: Testkit.all)
  func trickling(_ vector: Vector) throws {
    try vector.check(step: vector.file.count < 10_000 ? 1 : 4099)
  }

  @Test(arguments: Testkit.all)
  func inMemory(_ vector: Vector) throws {
    let failure = code {
      let clear = try decrypt(vector.file, identities: vector.identities, armor: vector.armor)
      #expect(sha256(clear.revealed) == vector["payload"])
    }
    #expect(failure == vector.expectedFailure)
  }

  /// A header is read without a key, and written as it was read.
  @Test(arguments: Testkit.all.filter { $0["expect"] == "success" })
  func header(_ vector: Vector) throws {
    let header = try EncryptedFile(reading: BytesSource(vector.file), armor: vector.armor).header
    if vector.armor == .detect { #expect(vector.file.starts(with: header.encoded)) }
    let fileKey = try FileKey(SecretBytes(copying: vector.hexadecimal("file key")))
    try header.authenticate(with: fileKey)
    #expect(code { try header.authenticate(with: FileKey()) } == .headerMAC)
  }

  @Test(arguments: Testkit.all.filter { $0["expect"] == "success" })
  func roundTrip(_ vector: Vector) throws {
    let clear = try decrypt(vector.file, identities: vector.identities, armor: vector.armor)
    let identity = try X25519Identity()
    let again = try encrypt(
      clear, recipients: [identity.recipient], armor: vector.armor == .required)
    #expect(try decrypt(again, identities: [identity]).revealed == clear.revealed)
  }
}
