import CSystemCalls
import Glibc
package import SystemPackage

/// A system call's result, repeated while it is interrupted; -1 becomes an error.
@discardableResult
func call(
  _ operation: String, _ path: FilePath, _ body: () -> Int32
) throws(SystemFilesError) -> Int32 {
  while true {
    let result = body()
    if result >= 0 { return result }
    let number = Errno(rawValue: errno)
    if number != .interrupted { throw SystemFilesError(operation, path, number) }
  }
}

/// Writes all of the bytes, however many calls that takes.
func writeAll(
  _ bytes: RawSpan, to descriptor: Int32, path: FilePath
) throws(SystemFilesError) {
  var offset = 0
  while offset < bytes.byteCount {
    let written = unsafe bytes.withUnsafeBytes { buffer in
      unsafe write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
    }
    if written >= 0 {
      offset += written
    } else if errno != EINTR {
      throw SystemFilesError("write", path, Errno(rawValue: errno))
    }
  }
}

/// Fills the buffer as far as the file goes; the number of bytes read.
func readAll(
  from descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, path: FilePath
) throws(SystemFilesError) -> Int {
  var offset = 0
  while offset < buffer.count {
    let count = unsafe read(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
    if count == 0 { break }
    if count > 0 {
      offset += count
    } else if errno != EINTR {
      throw SystemFilesError("read", path, Errno(rawValue: errno))
    }
  }
  return offset
}

/// Bytes from the kernel's generator.
package func randomBytes(_ count: Int) -> [UInt8] {
  unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    while filled < count {
      let more = unsafe adage_random(buffer.baseAddress! + filled, count - filled)
      // getrandom fails only before the generator is seeded or for a bad pointer; neither is ours.
      precondition(more > 0 || errno == EINTR, "the kernel gives no random bytes")
      filled += max(0, more)
    }
  }
}

/// What every temporary name of ours begins with.
package let temporaryPrefix = ".adage-"

/// A name that nothing has: the prefix and 80 random bits.
package func temporaryName() -> FilePath.Component {
  let digits = Array("0123456789abcdefghijklmnopqrstuv")
  var name = temporaryPrefix
  for byte in randomBytes(16) { name.append(digits[Int(byte & 31)]) }
  return FilePath.Component(name)!
}

/// Whether a name is one that `temporaryName` makes.
package func isTemporaryName(_ name: FilePath.Component) -> Bool {
  let text = name.string
  return text.hasPrefix(temporaryPrefix) && text.utf8.count == temporaryPrefix.utf8.count + 16
}

/// Raises the soft limit of open descriptors towards the hard one, as far as `count`.
package func raiseDescriptorLimit(to count: UInt) {
  var limit = rlimit()
  guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
    limit.rlim_cur < count
  else { return }
  limit.rlim_cur = min(count, limit.rlim_max)
  _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
