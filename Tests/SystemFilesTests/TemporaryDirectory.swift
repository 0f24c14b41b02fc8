import Foundation
import SystemPackage

/// A directory of a test's own, removed with everything in it when the test lets go of it.
final class TemporaryDirectory {
  let path: FilePath

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "adage-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    path = FilePath(url.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  func file(_ name: String) -> FilePath { path.appending(name) }

  @discardableResult
  func write(_ text: String, to name: String, mode: Int = 0o644) throws -> FilePath {
    let path = file(name)
    try Data(text.utf8).write(to: URL(filePath: path.string))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path.string)
    return path
  }

  func read(_ name: String) throws -> String {
    try String(contentsOfFile: file(name).string, encoding: .utf8)
  }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path.string).sorted()
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: file(name).string, withDestinationPath: target)
  }

  @discardableResult
  func directory(_ name: String) throws -> FilePath {
    try FileManager.default.createDirectory(
      atPath: file(name).string, withIntermediateDirectories: true)
    return file(name)
  }
}
