internal import Plan
import SecretMemory
import SystemFiles
internal import SystemPackage

/// Links and copies outside the generation: staged before the swap, put in place after it.
struct Placement: ~Copyable {
  private final class Box {
    var file: StagedFile?
    let isCopy: Bool

    init(_ file: consuming StagedFile, isCopy: Bool) {
      self.file = consume file
      self.isCopy = isCopy
    }
  }

  /// A directory that was made, held by the one that it is in: a path may lead elsewhere by now.
  private final class MadeDirectory {
    let parent: DirectoryDescriptor
    let name: FilePath.Component

    init(_ name: FilePath.Component, in parent: consuming DirectoryDescriptor) {
      self.parent = parent
      self.name = name
    }
  }

  /// What is to be where when all is done.
  private(set) var entries: [Record.Entry] = []
  private(set) var links: [String] = []
  private(set) var copies: [String] = []
  private(set) var warnings: [String] = []
  private var staged: [Box] = []
  private var temporaries: [String: FilePath.Component] = [:]
  private var made: [MadeDirectory] = []

  /// Chooses the temporary names beside these paths.
  init(paths: [String]) {
    for path in paths { temporaries[path] = SystemFiles.temporaryName() }
  }

  /// The name that was chosen beside a path.
  func temporaryName(beside path: String) -> FilePath.Component {
    temporaries[path] ?? SystemFiles.temporaryName()
  }

  /// What a later run must remove if this one is cut short.
  var leftovers: [Record.Entry] {
    temporaries.map { path, name in
      .temporary(path: FilePath(path).removingLastComponent().appending(name).string)
    }
  }

  /// Stages a link at `path` that leads to `target`; nothing if it is there already.
  mutating func stageLink(
    at path: String, to target: String, _ owner: Ownership, in tree: Tree
  ) throws(SystemFilesError) {
    let parent = try parent(of: path, owner, in: tree)
    let last = name(of: FilePath(path))
    if try parent.status(of: last)?.kind == .link,
      try parent.linkTarget(of: last)?.string == target
    {
      entries.append(.link(path: path, target: target))
      return
    }
    // In a directory that others can write to, the link is its owner's as the directories are.
    let foreign = try parent.status().isForeign(to: 0)
    let link = try StagedFile.link(
      to: FilePath(target), replacing: last, in: parent, owner: foreign ? owner.owner : nil,
      group: foreign ? owner.group : nil, temporary: temporaryName(beside: path))
    entries.append(.link(path: path, target: target))
    links.append(path)
    staged.append(Box(link, isCopy: false))
  }

  /// Leaves what an earlier run made where it is.
  mutating func keep(_ entry: Record.Entry) { entries.append(entry) }

  /// Stages a copy of what `source` holds.
  mutating func stageCopy(
    at path: String, of source: borrowing OpenFile, _ owner: Ownership, in tree: Tree
  ) throws(SystemFilesError) {
    let parent = try parent(of: path, owner, in: tree)
    if try parent.fileSystemKind() == .other {
      warnings.append("\(path) is on a disk: the secret is there in clear text (symlink = false)")
    }
    let copy = try StagedFile(
      replacing: name(of: FilePath(path)), in: parent, .exactly(owner.attributes),
      temporary: temporaryName(beside: path))
    try source.copyContent { bytes throws(SystemFilesError) in try copy.write(bytes) }
    let status = try copy.status()
    entries.append(
      .copy(
        path: path, device: status.device, inode: status.inode, modified: status.modified))
    copies.append(path)
    staged.append(Box(copy, isCopy: true))
  }

  private mutating func parent(
    of path: String, _ owner: Ownership, in tree: Tree
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    var new: [MadeDirectory] = []
    defer { made += new }
    return try tree.directory(
      at: FilePath(path).removingLastComponent(), making: .leading(to: owner)
    ) { parent, name in
      // Without a descriptor to spare, an empty directory is left behind if all is undone.
      if let parent = try? parent.duplicate() { new.append(MadeDirectory(name, in: parent)) }
    }
  }

  /// Puts everything in its place; what fails is listed and left as it was.
  consuming func commit() -> [String] {
    var failures: [String] = []
    for box in staged {
      do throws(SystemFilesError) {
        // A link leads to memory that a loss of power empties: there is nothing to keep.
        if let file = box.file.take() { try file.commit(synchronizing: box.isCopy) }
      } catch {
        failures.append(error.description)
      }
    }
    return failures
  }

  /// Removes what was staged, and the directories that were made for it.
  consuming func undo() {
    for box in staged { box.file = nil }
    for directory in made.reversed() {
      try? directory.parent.removeEmptyDirectory(directory.name)
    }
  }
}

extension OpenFile {
  /// Hands over what is left to read, through guarded memory.
  func copyContent(
    to write: (RawSpan) throws(SystemFilesError) -> Void
  ) throws(SystemFilesError) {
    guard var buffer = try? SecretBytes(count: 65536, locking: .preferred) else {
      throw SystemFilesError("copy", path, .noMemory)
    }
    while true {
      let count = unsafe try buffer.withUnsafeMutableBytes { bytes throws(SystemFilesError) in
        unsafe try read(into: bytes)
      }
      if count == 0 { return }
      try buffer.withSpan { bytes throws(SystemFilesError) in
        try unsafe write(bytes.extracting(..<count).bytes)
      }
    }
  }
}
