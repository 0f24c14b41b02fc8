import CLibsodium
import Glibc
import SystemPackage

/// Memory in pages of its own: a guard page on either side, not in a core dump, locked if that can be.
enum Pages {
  private static let isStarted = sodium_init() >= 0

  /// Allocates `count` bytes of zeroes.
  ///
  /// - Throws: `.notLocked` if `locking` requires it and the limit of locked memory is reached; `.exhausted`; `.library`.
  static func allocate(
    _ count: Int, _ locking: SecretBytes.Locking
  ) throws(SecretMemoryError) -> (base: UnsafeMutableRawPointer, isLocked: Bool) {
    guard isStarted else { throw SecretMemoryError(.library, "start libsodium: it refuses") }
    guard let base = unsafe sodium_malloc(count) else {
      throw SecretMemoryError(
        .exhausted, "allocate \(count) bytes for a secret", errno: Errno(rawValue: Glibc.errno))
    }
    // sodium_malloc locks too, but does not say whether it could. Locking twice is locking once.
    let isLocked = unsafe sodium_mlock(base, count) == 0
    let failure = Errno(rawValue: Glibc.errno)
    if !isLocked && locking == .required {
      unsafe sodium_free(base)
      throw SecretMemoryError(
        .notLocked, "lock \(count) bytes of memory for a key", errno: failure,
        hint: "raise the limit of locked memory: `ulimit -l`, or LimitMEMLOCK= of the service")
    }
    unsafe sodium_memzero(base, count)
    return unsafe (base, isLocked)
  }

  /// Wipes and frees what `allocate` gave.
  static func free(_ base: UnsafeMutableRawPointer) {
    unsafe sodium_free(base)
  }
}
