import CLibcrypto

/// A natural number inside OpenSSL, wiped when it goes; counting with it does not start the library.
@safe
struct BigNumber: ~Copyable {
  private let pointer: OpaquePointer

  /// A place for a result.
  private static func zero() throws(SSHKeyError) -> BigNumber {
    guard let pointer = unsafe BN_secure_new() else { throw Self.failure }
    // Divisions then take a time that depends on the length only.
    unsafe BN_set_flags(pointer, BN_FLG_CONSTTIME)
    return unsafe BigNumber(pointer: pointer)
  }

  private init(pointer: OpaquePointer) {
    unsafe self.pointer = pointer
  }

  /// Reads a number, big endian.
  init(_ bytes: Span<UInt8>) throws(SSHKeyError) {
    let number = try Self.zero()
    let isRead = unsafe bytes.withUnsafeBufferPointer {
      unsafe BN_bin2bn($0.baseAddress, Int32($0.count), number.pointer) != nil
    }
    guard isRead else { throw Self.failure }
    self = number
  }

  deinit { unsafe BN_clear_free(pointer) }

  var isOne: Bool { unsafe BN_is_one(pointer) == 1 }

  static func == (left: borrowing Self, right: borrowing Self) -> Bool {
    unsafe BN_cmp(left.pointer, right.pointer) == 0
  }

  static func < (left: borrowing Self, right: borrowing Self) -> Bool {
    unsafe BN_cmp(left.pointer, right.pointer) < 0
  }

  func minusOne() throws(SSHKeyError) -> BigNumber {
    let result = try BigNumber.zero()
    guard unsafe BN_copy(result.pointer, pointer) != nil, unsafe BN_sub_word(result.pointer, 1) == 1
    else { throw Self.failure }
    return result
  }

  func times(_ other: borrowing BigNumber) throws(SSHKeyError) -> BigNumber {
    let result = try BigNumber.zero()
    let context = unsafe BN_CTX_secure_new()
    defer { unsafe BN_CTX_free(context) }
    guard unsafe BN_mul(result.pointer, pointer, other.pointer, context) == 1 else {
      throw Self.failure
    }
    return result
  }

  /// The remainder; there is none of a division by zero.
  func modulo(_ modulus: borrowing BigNumber) throws(SSHKeyError) -> BigNumber {
    guard unsafe BN_is_zero(modulus.pointer) == 0 else {
      throw SSHKeyError(.malformed, "the key has a number that is too small")
    }
    let result = try BigNumber.zero()
    let context = unsafe BN_CTX_secure_new()
    defer { unsafe BN_CTX_free(context) }
    guard unsafe BN_nnmod(result.pointer, pointer, modulus.pointer, context) == 1 else {
      throw Self.failure
    }
    return result
  }

  /// Writes the number, little endian and padded to `size` bytes, as the element at `index`; it may be too large.
  func write(to bytes: UnsafeMutableRawBufferPointer, _ index: Int, _ size: Int) -> Bool {
    let start = unsafe bytes.baseAddress!.assumingMemoryBound(to: UInt8.self) + index * size
    return unsafe BN_bn2lebinpad(pointer, start, Int32(size)) == Int32(size)
  }

  private static var failure: SSHKeyError {
    SSHKeyError(.memory, "count with the numbers of a key: there is no memory")
  }
}
