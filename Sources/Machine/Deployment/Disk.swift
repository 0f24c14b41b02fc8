import Glibc
internal import SystemFiles
internal import SystemPackage
internal import Units

/// The machine's files, each by its absolute path: those below `/`, or below a directory that stands for it.
final class Disk: Sendable {
  private let root: DirectoryDescriptor

  init(root: FilePath?) throws(SystemFilesError) {
    self.root = try DirectoryDescriptor(opening: root ?? "/")
  }

  /// What is at a path.
  enum Found: Equatable {
    case nothing
    /// A file or a link of this user's, such as those that are written here.
    case content(Artifact.Content)
    /// Anything else, and what it is.
    case other(String)
  }

  /// More than any text of ours has.
  static let largestText = 16 << 20

  /// The directory at a path, made with what leads to it if `making`.
  func directory(
    at path: FilePath, making: Bool = false, mode: UInt32 = 0o755
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    let attributes = FileAttributes(mode: mode)
    return try root.reach(
      path, making: making ? MissingDirectories(trusted: attributes, foreign: attributes) : nil)
  }

  /// The directory that holds a path; nil if it is not there.
  func parent(of path: FilePath) throws(SystemFilesError) -> DirectoryDescriptor? {
    do {
      return try directory(at: path.removingLastComponent())
    } catch let error where error.code == .notFound {
      return nil
    }
  }

  func found(at path: FilePath) throws(SystemFilesError) -> Found {
    guard let name = path.lastComponent, let parent = try parent(of: path),
      let status = try parent.status(of: name)
    else { return .nothing }
    switch status.kind {
    case .link: return .content(.link(to: try parent.linkTarget(of: name)?.string ?? ""))
    case .regular where status.owner != geteuid(): return .other("it belongs to somebody else")
    case .regular:
      guard status.size <= Disk.largestText else { return .other("it is another file") }
      let bytes = try OpenFile.reading(name, in: parent).contents(limit: Disk.largestText)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        return .other("it is another file")
      }
      return .content(.file(text: text, mode: status.mode))
    default: return .other("it is \(status.kind.rawValue)")
    }
  }

  /// The content of a file; nil if nothing is there.
  func contents(
    of path: FilePath, limit: Int = largestText
  ) throws(SystemFilesError) -> [UInt8]? {
    guard let name = path.lastComponent, let parent = try parent(of: path),
      try parent.status(of: name) != nil
    else { return nil }
    return try OpenFile.reading(name, in: parent).contents(limit: limit)
  }

  /// Where the link at a path leads; nil if nothing is there, or no link.
  func linkTarget(of path: FilePath) throws(SystemFilesError) -> FilePath? {
    guard let name = path.lastComponent, let parent = try parent(of: path),
      try parent.status(of: name)?.kind == .link
    else { return nil }
    return try parent.linkTarget(of: name)
  }

  /// Writes something beside its path, whose directory is made if it is missing.
  func stage(_ artifact: Artifact) throws(SystemFilesError) -> StagedFile {
    let path = FilePath(artifact.path)
    guard let name = path.lastComponent else {
      throw SystemFilesError(.invalid, "write", path, reason: "it names no file")
    }
    let parent = try directory(at: path.removingLastComponent(), making: true)
    switch artifact.content {
    case .link(let target):
      return try StagedFile.link(to: FilePath(target), replacing: name, in: parent)
    case .file(let text, let mode):
      let attributes = FileAttributes(mode: mode, owner: geteuid(), group: getegid())
      let file = try StagedFile(replacing: name, in: parent, .exactly(attributes))
      try file.write(Array(text.utf8))
      return file
    }
  }

  /// Replaces one file or link, on the disk when it returns.
  func write(_ artifact: Artifact) throws(SystemFilesError) { try stage(artifact).commit() }

  /// Replaces several, all or none as far as a file system allows.
  func write(_ artifacts: [Artifact]) throws(SystemFilesError) {
    if artifacts.isEmpty { return }
    var batch = ReplacementBatch()
    for artifact in artifacts { try batch.add(try stage(artifact)) }
    try batch.commit()
  }

  /// Removes files and links, and the directories below `roots` that are empty then.
  func remove(_ paths: [String], emptying roots: [String]) throws(SystemFilesError) {
    var parents: Set<FilePath> = []
    for path in paths.map({ FilePath($0) }) {
      guard let name = path.lastComponent, let parent = try parent(of: path) else { continue }
      try parent.remove(name)
      parents.insert(path.removingLastComponent())
    }
    for path in parents { try directory(at: path).synchronize() }
    for path in parents { removeEmpty(path, below: roots) }
  }

  private func removeEmpty(_ path: FilePath, below roots: [String]) {
    var path = path
    while let name = path.lastComponent, roots.contains(where: { path.isBelow($0) }) {
      path.removeLastComponent()
      // One that is not empty has something of somebody else's.
      guard (try? directory(at: path).removeEmptyDirectory(name)) != nil else { return }
    }
  }

  /// Removes all that is at a path.
  func removeTree(_ path: FilePath) throws(SystemFilesError) {
    guard let name = path.lastComponent, let parent = try parent(of: path) else { return }
    try parent.removeTree(name)
  }
}

extension FilePath {
  /// Whether it is something in a directory, and not that itself.
  func isBelow(_ directory: String) -> Bool {
    let directory = FilePath(directory)
    return self != directory && starts(with: directory)
  }
}

extension Artifact.Content {
  /// Byte for byte: Swift's own equality takes two ways to write one character as the same.
  func isSame(as other: Artifact.Content) -> Bool {
    switch (self, other) {
    case (.link(let target), .link(let otherTarget)):
      target.utf8.elementsEqual(otherTarget.utf8)
    case (.file(let text, let mode), .file(let otherText, let otherMode)):
      mode == otherMode && text.utf8.elementsEqual(otherText.utf8)
    default: false
    }
  }
}
