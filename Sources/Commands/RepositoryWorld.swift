import Glibc
import NixExpression
import SystemFiles
import SystemPackage

struct RepositoryWorld: EvaluationWorld {
  let currentDirectory: String
  let homeDirectory: String?

  func readFile(_ path: String) throws(NixError) -> [UInt8] {
    do { return try SystemFiles.readFile(FilePath(path), limit: 64 << 20) } catch { throw NixError(.io, error.description) }
  }
  func readDirectory(_ path: String) throws(NixError) -> [DirectoryEntry] {
    do {
      let d = try DirectoryDescriptor(opening: FilePath(path))
      return try d.entries().map { n in
        let k = try d.status(of: n)?.kind
        return DirectoryEntry(name: n.string, kind: k == .regular ? .regular : k == .directory ? .directory : k == .link ? .symlink : .unknown)
      }
    } catch { throw NixError(.io, "\(error)") }
  }
  func kind(of path: String) throws(NixError) -> FileKind? {
    guard let k = try? FileStatus(FilePath(path), followingLinks: false).kind else { return nil }
    return k == .regular ? .regular : k == .directory ? .directory : k == .link ? .symlink : .unknown
  }
  func environmentVariable(_ name: String) -> [UInt8]? { ProcessContext.environment(name).map { Array($0.utf8) } }
  func trace(_ message: String) { _ = try? FileDescriptor.standardError.writeAll("trace: \(message)\n".utf8) }
}
extension ProcessContext {
  func world(evaluating path: FilePath) -> any EvaluationWorld { RepositoryWorld(currentDirectory: currentDirectory.string, homeDirectory: homeDirectory?.string) }
}
