import CLibcrypto
import Foundation

@testable import NixExpression

/// The world of the tests: the machine's files, `HOME` as in `Vectors/make-nix`, and what was traced.
final class LocalWorld: EvaluationWorld {
  let currentDirectory: String
  let searchPath: [SearchPathEntry]
  var homeDirectory: String? { "/home/user" }
  private(set) var traced: [String] = []

  init(_ directory: URL = Vectors.directory, searchPath: [SearchPathEntry] = []) {
    currentDirectory = directory.path
    self.searchPath = searchPath
  }

  func readFile(_ path: String) throws(NixError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      let reason =
        FileManager.default.fileExists(atPath: path)
        ? "reading from file: Is a directory"
        : "opening file '\(path)': No such file or directory"
      throw NixError(.io, reason)
    }
    return Array(data)
  }

  func readDirectory(_ path: String) throws(NixError) -> [DirectoryEntry] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      let reason =
        FileManager.default.fileExists(atPath: path)
        ? "Not a directory" : "No such file or directory"
      throw NixError(.io, "opening directory '\(path)': \(reason)")
    }
    var entries: [DirectoryEntry] = []
    for name in names {
      entries.append(DirectoryEntry(name: name, kind: try kind(of: "\(path)/\(name)") ?? .unknown))
    }
    return entries
  }

  func kind(of path: String) throws(NixError) -> FileKind? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    switch attributes?[.type] as? FileAttributeType {
    case .typeRegular: return .regular
    case .typeDirectory: return .directory
    case .typeSymbolicLink: return .symlink
    case nil: return nil
    default: return .unknown
    }
  }

  func symbolicLinkTarget(of path: String) throws(NixError) -> String {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
      throw NixError(.io, "reading link '\(path)'")
    }
    return target
  }

  func hash(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(NixError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: algorithm.byteCount)
    let digest = unsafe EVP_get_digestbyname("\(algorithm)")
    guard unsafe EVP_Digest(bytes, bytes.count, &result, nil, digest, nil) == 1 else {
      throw NixError(.unavailable("\(algorithm)"), "no \(algorithm)")
    }
    return result
  }

  func environmentVariable(_ name: String) -> [UInt8]? { nil }
  func trace(_ message: String) { traced.append(message) }
}

/// Files that exist only in a test.
struct MemoryWorld: EvaluationWorld {
  let files: [String: String]

  func readFile(_ path: String) throws(NixError) -> [UInt8] {
    guard let text = files[path] else {
      throw NixError(.io, "opening file '\(path)': No such file or directory")
    }
    return Array(text.utf8)
  }

  func kind(of path: String) throws(NixError) -> FileKind? {
    files[path] == nil ? nil : .regular
  }
}
