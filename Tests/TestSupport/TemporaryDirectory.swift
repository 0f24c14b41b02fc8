import Foundation

/// A directory that is removed, with what is in it, when the last reference to it goes.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() throws {
    let template = FileManager.default.temporaryDirectory.path + "/adage-test-XXXXXX"
    var name = template.utf8CString.map { $0 }
    guard let made = unsafe mkdtemp(&name) else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    path = unsafe String(cString: made)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of something in the directory.
  package func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file, making the directories it lies in, and returns its path.
  @discardableResult
  package func write(_ name: String, _ content: [UInt8], mode: Int = 0o600) throws -> String {
    let url = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    guard mode & 0o111 == 0 else {
      try install(content, at: url.path, mode: mode)
      return url.path
    }
    try Data(content).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    return url.path
  }

  /// Has another process write a program, so that it can be run at once: of a descriptor of this one, a process which
  /// another test forks meanwhile would have a copy, and until that is closed nobody can run the program (`ETXTBSY`).
  private func install(_ content: [UInt8], at path: String, mode: Int) throws {
    let source = path + ".source"
    try Data(content).write(to: URL(fileURLWithPath: source))
    defer { try? FileManager.default.removeItem(atPath: source) }
    try runBlocking("/usr/bin/install", ["--mode=\(String(mode, radix: 8))", "--", source, path])
  }

  /// Writes a file of text.
  @discardableResult
  package func write(_ name: String, _ content: String, mode: Int = 0o600) throws -> String {
    try write(name, Array(content.utf8), mode: mode)
  }

  /// The content of a file.
  package func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}
