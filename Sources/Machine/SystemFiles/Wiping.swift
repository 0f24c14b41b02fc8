import Glibc
package import SystemPackage

extension DirectoryDescriptor {
  /// Overwrites the regular file `name` with zeroes; a link there is an error.
  ///
  /// That wipes a file in memory. On a disk the old content may survive elsewhere.
  package func wipe(_ name: FilePath.Component) throws(SystemFilesError) {
    let path = path.appending(name)
    let raw = raw
    let file = try call("wipe", path) {
      unsafe name.withPlatformString {
        unsafe openat(raw, $0, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
      }
    }
    defer { _ = Glibc.close(file) }
    var remaining = try FileStatus(of: file, path: path).size
    let zeroes = [UInt8](repeating: 0, count: 65536)
    while remaining > 0 {
      let part = Int(min(remaining, Int64(zeroes.count)))
      unsafe try writeAll(zeroes.span.extracting(..<part).bytes, to: file, path: path)
      remaining -= Int64(part)
    }
  }
}
