import Foundation
import NixExpression
import NixLibrary

/// The files in the program and those of the machine.
final class LibraryWorld: EvaluationWorld {
  let currentDirectory = Vectors.directory.path
  let searchPath = [SearchPathEntry(prefix: "nixpkgs", path: NixLibrary.directory)]
  /// What was read, in order.
  private(set) var read: [String] = []
  private(set) var traced: [String] = []

  func readFile(_ path: String) throws(NixError) -> [UInt8] {
    read.append(path)
    if let bytes = NixLibrary.file(path) { return bytes }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw NixError(.io, "opening file '\(path)': No such file or directory")
    }
    return Array(data)
  }

  func imported(
    _ value: Value, from path: String, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    try NixLibrary.imported(value, from: path, evaluator)
  }

  func readDirectory(_ path: String) throws(NixError) -> [DirectoryEntry] {
    if let entries = NixLibrary.entries(of: path) { return entries }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw NixError(.io, "opening directory '\(path)'")
    }
    var entries: [DirectoryEntry] = []
    for name in names {
      entries.append(DirectoryEntry(name: name, kind: try kind(of: "\(path)/\(name)") ?? .unknown))
    }
    return entries
  }

  func kind(of path: String) throws(NixError) -> FileKind? {
    if NixLibrary.mayHold(path) { return NixLibrary.kind(of: path) }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    switch attributes?[.type] as? FileAttributeType {
    case .typeRegular: return .regular
    case .typeDirectory: return .directory
    case .typeSymbolicLink: return .symlink
    case nil: return nil
    default: return .unknown
    }
  }

  func hash(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(NixError) -> [UInt8] {
    [UInt8](repeating: 0xab, count: algorithm.byteCount)
  }

  func trace(_ message: String) { traced.append(message) }
}
