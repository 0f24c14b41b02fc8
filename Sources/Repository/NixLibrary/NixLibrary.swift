internal import CNixLibrary
package import NixExpression

/// The files of Nix that are part of this program: they need no disk, and nobody else can have written them.
package enum NixLibrary {
  /// What `<nixpkgs>` stands for where there is no other: functions, and no packages.
  package static let directory = "/__nixpkgs__"

  /// The modules of configurations.
  package static let modules = "/__modules__"

  private static let roots = [directory, modules]

  /// A file's bytes; nil if there is none at an absolute path.
  package static func file(_ path: String) -> [UInt8]? {
    guard mayHold(path) else { return nil }
    guard let file = unsafe files.first(where: { unsafe String(cString: $0.path) == path }) else {
      return nil
    }
    return unsafe Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
  }

  /// What is at an absolute path; nil if nothing is.
  package static func kind(of path: String) -> FileKind? {
    guard mayHold(path) else { return nil }
    if paths.contains(path) { return .regular }
    return entries(of: path) == nil ? nil : .directory
  }

  /// What is in a directory, in order of the names; nil if there is none at an absolute path.
  package static func entries(of directory: String) -> [DirectoryEntry]? {
    guard mayHold(directory) else { return nil }
    let inside = directory + "/"
    var kinds: [String: FileKind] = [:]
    for path in paths where path.hasPrefix(inside) {
      let rest = path.dropFirst(inside.count)
      let name = rest.prefix { $0 != "/" }
      kinds[String(name)] = name.count == rest.count ? .regular : .directory
    }
    if kinds.isEmpty { return nil }
    return kinds.sorted { $0.key < $1.key }.map { DirectoryEntry(name: $0.key, kind: $0.value) }
  }

  /// What an import of one of the files gives: of nixpkgs a function whose set knows that a package needs Nix.
  package static func imported(
    _ value: Value, from path: String, _ evaluator: Evaluator
  ) throws(NixError) -> Value {
    guard path == directory + "/default.nix" else { return value }
    return evaluator.makeFunction("nixpkgs") { evaluator, arguments throws(NixError) in
      let packages = try evaluator.apply(value, to: arguments)
      return try evaluator.opened(packages, missing: { "attribute '\($0)' missing" }) {
        evaluator, name throws(NixError) in
        evaluator.makeLazy { _ throws(NixError) in
          throw NixError(
            .unavailable("the package \(name)"),
            "the package \(name) needs nixpkgs, and only its lib is here")
        }
      }
    }
  }

  /// The absolute paths of all files, sorted.
  package static var paths: [String] { unsafe files.map { unsafe String(cString: $0.path) } }

  /// Whether a path is, or is below, one of the directories that are ours alone: nothing on a disk is seen there.
  package static func mayHold(_ path: String) -> Bool {
    path.hasPrefix("/__") && roots.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  private static var files: UnsafeBufferPointer<adage_nix_file> {
    var count = 0
    let start = unsafe adage_nix_files(&count)
    return unsafe UnsafeBufferPointer(start: start, count: count)
  }
}
