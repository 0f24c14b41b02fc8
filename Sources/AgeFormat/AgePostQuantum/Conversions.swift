import Age
import Crypto
import FoundationEssentials
import SecretMemory

extension SecretBytes {
  /// Copies a secret of swift-crypto's, which has `count` bytes and is wiped when nothing refers to it any more.
  init(copying secret: some ContiguousBytes, count: Int) throws(AgeError) {
    self = try guarding { () throws(SecretMemoryError) in try SecretBytes(count: count) }
    unsafe secret.withUnsafeBytes { secret in
      precondition(secret.count == count)
      unsafe withUnsafeMutableBytes { unsafe $0.copyMemory(from: secret) }
    }
  }
}

extension MLKEM768 {
  /// The number of bytes of a public key.
  static let keySize = 1184

  /// Reads a public key, whose coefficients must be reduced (FIPS 203, Section 7.2).
  ///
  /// - Throws: `AgeError` with the code `.recipient`.
  @discardableResult
  static func requireKey(
    _ bytes: ArraySlice<UInt8>, _ operation: String
  ) throws(AgeError) -> PublicKey {
    do { return try PublicKey(rawRepresentation: bytes) } catch {
      throw AgeError(.recipient, "\(operation): its ML-KEM-768 key is malformed")
    }
  }
}

/// The bytes that a recipient's text stands for.
func publicBytes(
  of text: String, prefix: String, count: Int, _ operation: String
) throws(AgeError) -> [UInt8] {
  do {
    return try Bech32.decode(Array(text.utf8).span, prefix: prefix, count: count)
      .withSpan { span in span.indices.map { span[$0] } }
  } catch {
    throw error.asAgeError(.recipient, operation)
  }
}

/// The beginning of a recipient's text, for messages: the whole has about 2,000 characters.
func shortened(_ text: String) -> String {
  "\(text.prefix(24))…"
}
