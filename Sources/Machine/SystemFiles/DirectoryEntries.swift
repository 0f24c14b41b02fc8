import Glibc
package import SystemPackage

extension DirectoryDescriptor {
  /// The names in the directory, without `.` and `..`, in no order.
  package func entries() throws(SystemFilesError) -> [FilePath.Component] {
    // A descriptor of its own, because readdir moves the position and closedir closes.
    let copy = try call("list", path) {
      unsafe openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let stream = unsafe fdopendir(copy) else {
      let number = Errno(rawValue: errno)
      _ = Glibc.close(copy)
      throw SystemFilesError("list", path, number)
    }
    defer { unsafe closedir(stream) }
    var names: [FilePath.Component] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
          unsafe FilePath.Component(platformString: $0)
        }
      }
      if let name, name.kind == .regular { names.append(name) }
    }
    if errno != 0 { throw SystemFilesError("list", path, Errno(rawValue: errno)) }
    return names
  }

  /// Removes the file or link `name`; a directory is an error, nothing there is not.
  package func remove(_ name: FilePath.Component) throws(SystemFilesError) {
    try unlink(name, flags: 0)
  }

  /// Removes the empty directory `name`.
  package func removeEmptyDirectory(_ name: FilePath.Component) throws(SystemFilesError) {
    try unlink(name, flags: AT_REMOVEDIR)
  }

  private func unlink(_ name: FilePath.Component, flags: Int32) throws(SystemFilesError) {
    do {
      try call("remove", path.appending(name)) {
        unsafe name.withPlatformString { unsafe unlinkat(raw, $0, flags) }
      }
    } catch let error where error.code == .notFound {
      return
    }
  }

  /// Removes `name` and, if it is a directory, all that is below it. No link is followed and no
  /// mount is entered. Nothing there is no error.
  package func removeTree(_ name: FilePath.Component) throws(SystemFilesError) {
    guard let found = try status(of: name) else { return }
    guard found.kind == .directory else { return try remove(name) }
    let directory = try directory(name)
    guard try directory.status().device == status().device else {
      throw SystemFilesError(
        .system, "remove", directory.path, reason: "something is mounted there")
    }
    for entry in try directory.entries() { try directory.removeTree(entry) }
    try removeEmptyDirectory(name)
  }
}
