import Glibc
internal import SecretMemory
internal import SystemPackage

/// Files that hold keys.
enum KeyFile {
  /// Reads a regular file into locked memory; a pipe or a device is refused before it could block.
  ///
  /// - Throws: `KeyringError` with the path and the code `.missing`, `.unreadable`, `.malformed` (too large) or `.memory`.
  static func read(_ path: FilePath) throws(KeyringError) -> SecretBytes {
    do {
      let descriptor = try open(path)
      defer { try? descriptor.close() }
      return try read(descriptor)
    } catch {
      throw error.at(.init(path.string))
    }
  }

  /// `open` without blocking, and without becoming the owner of a terminal.
  private static func open(_ path: FilePath) throws(KeyringError) -> FileDescriptor {
    do {
      return try FileDescriptor.open(
        path, .readOnly,
        options: [.nonBlocking, .closeOnExec, FileDescriptor.OpenOptions(rawValue: O_NOCTTY)])
    } catch {
      let errno = error as? Errno
      let isMissing = errno == .noSuchFileOrDirectory || errno == .notDirectory
      throw KeyringError(isMissing ? .missing : .unreadable, "open", errno: errno)
    }
  }

  private static func read(_ descriptor: FileDescriptor) throws(KeyringError) -> SecretBytes {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else {
      throw KeyringError(.unreadable, "stat", errno: Errno(rawValue: errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw KeyringError(.unreadable, "this is not a regular file")
    }
    // Before memory for it is locked, of which there may be less.
    guard status.st_size <= Keyring.limit else { throw tooLarge }
    // One byte more than there should be shows a file that grows.
    var size = min(Int(status.st_size), Keyring.limit) + 1
    do {
      var buffer = try SecretBuffer(capacity: size, locking: .required)
      while size > 0 {
        guard buffer.count <= Keyring.limit else { throw tooLarge }
        try buffer.reserve(1)
        size = unsafe try buffer.write(upTo: Keyring.limit + 1 - buffer.count) {
          room throws(KeyringError) in
          unsafe try read(descriptor, room)
        }
      }
      return buffer.finish()
    } catch let error as KeyringError {
      throw error
    } catch let error as SecretMemoryError {
      throw KeyringError(.memory, error.reason, errno: error.errno, hint: error.hint)
    } catch {
      throw KeyringError(.unreadable, "read")
    }
  }

  private static var tooLarge: KeyringError {
    KeyringError(.malformed, "the file is over the limit of \(Keyring.limit >> 20) MiB")
  }

  private static func read(
    _ descriptor: FileDescriptor, _ room: UnsafeMutableRawBufferPointer
  ) throws(KeyringError) -> Int {
    do {
      return unsafe try descriptor.read(into: room)
    } catch {
      throw KeyringError(.unreadable, "read", errno: error as? Errno)
    }
  }
}
