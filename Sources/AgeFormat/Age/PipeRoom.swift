import Glibc
import SystemPackage

/// Gives a pipe more room once much has gone through it.
///
/// A pipe has room for 64 KiB, so that both ends wait for each other all the time; with a mebibyte they wait a tenth as
/// often. Not a pipe, or not allowed: nothing changes.
struct PipeRoom: Sendable {
  private static let wanted: Int32 = 1 << 20
  // F_SETPIPE_SZ and F_GETPIPE_SZ of fcntl(2), which Swift's Glibc module lacks.
  private static let setSize: Int32 = 1031
  private static let getSize: Int32 = 1032

  private var rest = 256 << 10

  /// Counts what went through.
  mutating func count(_ bytes: Int, through descriptor: FileDescriptor) {
    guard rest > 0 else { return }
    rest -= bytes
    guard rest <= 0 else { return }
    let size = fcntl(descriptor.rawValue, Self.getSize)
    if 0..<Self.wanted ~= size { _ = fcntl(descriptor.rawValue, Self.setSize, Self.wanted) }
  }
}
