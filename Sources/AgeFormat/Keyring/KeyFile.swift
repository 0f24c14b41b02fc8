import Glibc
package import SecretMemory
package import SystemPackage

/// Files that hold keys.
package enum KeyFile {
  /// What a path may lead to.
  package enum Kind: Sendable {
    /// A regular file only: what a manifest or a configuration names is never waited for.
    case regular
    /// A pipe or a device, too: what a person names, who may have written `<(…)` or `-`.
    case readable
  }

  /// Reads a file into locked memory; what is not of the kind is refused before it could block.
  ///
  /// - Throws: `KeyringError` with the path and the code `.missing`, `.unreadable`, `.malformed` (too large) or `.memory`.
  package static func read(
    _ path: FilePath, _ kind: Kind = .regular
  ) throws(KeyringError) -> SecretBytes {
    do {
      let descriptor = try open(path, kind)
      defer { try? descriptor.close() }
      return try read(descriptor, kind)
    } catch {
      throw error.at(.init(path.string))
    }
  }

  /// `open` without becoming the owner of a terminal; only what may be no regular file is waited for.
  private static func open(
    _ path: FilePath, _ kind: Kind
  ) throws(KeyringError) -> FileDescriptor {
    var options: FileDescriptor.OpenOptions = [
      .closeOnExec, FileDescriptor.OpenOptions(rawValue: O_NOCTTY),
    ]
    if kind == .regular { options.insert(.nonBlocking) }
    do {
      return try FileDescriptor.open(path, .readOnly, options: options)
    } catch {
      let errno = error as? Errno
      let isMissing = errno == .noSuchFileOrDirectory || errno == .notDirectory
      throw KeyringError(isMissing ? .missing : .unreadable, "open", errno: errno)
    }
  }

  /// Reads what is left of an open file; see `read(_:_:)`, but for the path.
  package static func read(
    _ descriptor: FileDescriptor, _ kind: Kind
  ) throws(KeyringError) -> SecretBytes {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else {
      throw KeyringError(.unreadable, "stat", errno: Errno(rawValue: errno))
    }
    let type = status.st_mode & S_IFMT
    guard type == S_IFREG || kind == .readable && type != S_IFDIR else {
      throw KeyringError(
        .unreadable, kind == .readable ? "this is a directory" : "this is not a regular file")
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
