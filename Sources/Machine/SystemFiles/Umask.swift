import SystemPackage

/// The permissions that this process takes from new files; all but the owner's where it cannot be told.
///
/// It is read from `/proc/self/status`: `umask(2)` can only read it by setting it, and what another
/// thread makes meanwhile would get the wrong mode.
package func currentUmask() -> UInt32 {
  guard let status = try? readFile("/proc/self/status", limit: 1 << 20) else { return 0o077 }
  let line = status.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "Umask:".utf8) }
  let digits = line?.drop { !(UInt8(ascii: "0")...UInt8(ascii: "7") ~= $0) }
  return digits.flatMap { UInt32(String(decoding: $0, as: UTF8.self), radix: 8) } ?? 0o077
}
