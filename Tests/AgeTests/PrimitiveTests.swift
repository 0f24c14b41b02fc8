import Age
import SecretMemory
import TestSupport
import Testing

/// Published answers of what the format is built from.
@Suite struct PrimitiveTests {
  private func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
  }

  /// RFC 5869, test case 3: neither salt nor info.
  @Test func keyDerivation() throws {
    let secret = try SecretBytes(copying: [UInt8](repeating: 0x0b, count: 22))
    let key = try HKDF.derive(from: secret, salt: [], info: "")
    #expect(
      key.revealed == bytes("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"))
  }

  /// RFC 7748, Section 5.2.
  @Test func multiplication() throws {
    let scalar = try SecretBytes(
      copying: bytes("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"))
    let point = bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    let product = try Curve25519.multiply(scalar, point.span)?.revealed
    #expect(
      product == bytes("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"))
    let base = [9] + [UInt8](repeating: 0, count: 31)
    let multiple = try Curve25519.multiply(scalar, base.span)?.revealed
    #expect(Curve25519.publicKey(of: scalar) == multiple)
  }

  @Test func lowOrderPointsAreRefused() throws {
    let scalar = try SecretBytes.random(count: 32)
    for point in [[UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31)] {
      let isRefused = try Curve25519.multiply(scalar, point.span) == nil
      #expect(isRefused)
    }
  }

  /// RFC 4648, Section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func base64(_ clear: String, _ padded: String) {
    let clear = Array(clear.utf8)
    let text = Array(padded.utf8)
    let raw = Array(padded.prefix { $0 != "=" }.utf8)
    #expect(Base64.encode(clear.span, padded: true) == text)
    #expect(Base64.encode(clear.span) == raw)
    #expect(Base64.decode(text.span, padded: true) == clear)
    #expect(Base64.decode(raw.span) == clear)
    if raw != text {
      #expect(Base64.decode(raw.span, padded: true) == nil)
      #expect(Base64.decode(text.span) == nil)
    }
  }

  @Test(arguments: [
    "Zh", "Zm9", "Z", "Zm9vZ", "Zm 9", "Zm9v\n", "Zm-_", "=", "====", "Zg=", "Zg===", "Z===",
    "Zg=v",
    "Zm9v====",
  ])
  func base64IsCanonical(_ text: String) {
    let text = Array(text.utf8)
    #expect(Base64.decode(text.span) == nil)
    #expect(Base64.decode(text.span, padded: true) == nil)
  }

  @Test func everyByteSurvivesBase64() {
    var random = Pseudorandom(seed: 1)
    for count in 0..<200 {
      let clear = random.bytes(count)
      let text = Base64.encode(clear.span, padded: true)
      #expect(Base64.decode(text.span, padded: true) == clear)
    }
  }
}
