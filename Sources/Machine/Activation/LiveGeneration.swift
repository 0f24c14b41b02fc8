internal import Plan
import SystemFiles
internal import SystemPackage

/// The generation that is live before a run.
final class LiveGeneration: Sendable {
  private let directory: DirectoryDescriptor
  private let record: Record

  private init(_ directory: consuming DirectoryDescriptor, _ record: Record) {
    self.directory = directory
    self.record = record
  }

  /// What the link to the secrets leads to; nil if that is no generation in the storage.
  static func current(
    of plan: Plan, in storage: borrowing Storage, _ tree: Tree
  ) throws(SystemFilesError) -> LiveGeneration? {
    guard let target = try tree.linkTarget(of: FilePath(plan.secretsDirectory)),
      target.removingLastComponent() == FilePath(plan.secretsMountPoint),
      let name = target.lastComponent, let number = Generation.number(ofDirectory: name),
      try storage.directory.status(of: name)?.kind == .directory
    else { return nil }
    let record = try Record.all(in: storage.directory)[number]
    return LiveGeneration(try storage.directory.directory(name), record ?? Record())
  }

  /// The secret's file; nil if the generation has none, or it cannot be read.
  func file(of secret: PlannedSecret) -> LiveFile? {
    let path = FilePath(secret.name)
    guard let parent = try? directory.reach(path.removingLastComponent()),
      let file = try? OpenFile.reading(name(of: path), in: parent)
    else { return nil }
    return LiveFile(file)
  }

  /// What it made at a path elsewhere.
  func entries(at path: String) -> [Record.Entry] { record.entries.filter { $0.path == path } }

  /// The copy that it made at a path elsewhere, if it did.
  func copies(at path: String) -> [Record.Entry] {
    entries(at: path).filter { if case .copy = $0 { true } else { false } }
  }
}

/// A file of the live generation, open to be read once.
final class LiveFile: Sendable {
  private let file: OpenFile

  init(_ file: consuming OpenFile) { self.file = file }

  func copy(to output: borrowing OpenFile) throws(SystemFilesError) {
    try file.copyContent { bytes throws(SystemFilesError) in try output.write(bytes) }
  }
}
