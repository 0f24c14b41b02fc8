import NixExpression
import Testing

@testable import Configuration

/// The hashes that configurations see, against the standards' own examples (RFC 1321, RFC 3174, FIPS 180-4).
@Suite struct HashTests {
  @Test(arguments: [
    (HashAlgorithm.md5, "900150983cd24fb0d6963f7d28e17f72"),
    (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      .sha512,
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
  ]) func hashesOfAbc(_ algorithm: HashAlgorithm, _ digits: String) throws {
    let hash = try algorithm.hash(Array("abc".utf8))
    #expect(hash.count == algorithm.byteCount)
    #expect(hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == digits)
  }

  @Test(arguments: [
    (HashAlgorithm.md5, UInt8(0xd4)), (.sha1, 0xda), (.sha256, 0xe3), (.sha512, 0xcf),
  ]) func nothingHasAHash(_ algorithm: HashAlgorithm, _ first: UInt8) throws {
    #expect(try algorithm.hash([]).first == first)
  }
}
