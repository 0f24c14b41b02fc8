import SystemFiles
internal import SystemPackage

/// What a generation made outside its own directory, so that a later one can remove it.
///
/// A text in the mount point, mode 0600: a line for each thing, its fields separated by tabs, which
/// no path of a plan contains.
struct Record: Equatable {
  enum Entry: Equatable {
    /// A link and where it leads.
    case link(path: String, target: String)
    /// A copy of a secret, told by its inode and its last change.
    case copy(path: String, device: UInt64, inode: UInt64, modified: Int64)
    /// A file or link that is there only if the run was cut short.
    case temporary(path: String)
  }

  var entries: [Entry] = []

  private static let firstLine = "adage record 1"
  private static let prefix = ".record-"

  static func fileName(ofGeneration number: Int) -> FilePath.Component {
    FilePath.Component("\(prefix)\(number)")!
  }

  /// The generation that a file in the mount point is the record of.
  static func generation(ofFile name: FilePath.Component) -> Int? {
    let name = name.string
    guard name.hasPrefix(prefix),
      let number = FilePath.Component(String(name.dropFirst(prefix.count)))
    else { return nil }
    return Generation.number(ofDirectory: number)
  }

  var text: String {
    let lines = entries.map { entry in
      switch entry {
      case .link(let path, let target): ["link", path, target]
      case .copy(let path, let device, let inode, let modified):
        ["copy", path, String(device), String(inode), String(modified)]
      case .temporary(let path): ["temporary", path]
      }
    }
    return ([[Record.firstLine]] + lines).map { $0.joined(separator: "\t") + "\n" }.joined()
  }

  init(entries: [Entry] = []) { self.entries = entries }

  /// Lines that make no sense are passed over: what is not known cannot be removed.
  init(text: String) {
    // By bytes: a combining mark at the beginning of a path makes one character with the tab.
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"))
    guard lines.first?.elementsEqual(Record.firstLine.utf8) == true else { return }
    for line in lines.dropFirst() {
      let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        .map { String(Substring($0)) }
      // What is removed is removed from a directory, by its name.
      guard fields.count > 1, FilePath(fields[1]).lastComponent?.kind == .regular else { continue }
      switch (fields[0], fields.count) {
      case ("link", 3): entries.append(.link(path: fields[1], target: fields[2]))
      case ("temporary", 2): entries.append(.temporary(path: fields[1]))
      case ("copy", 5):
        guard let device = UInt64(fields[2]), let inode = UInt64(fields[3]),
          let modified = Int64(fields[4])
        else { continue }
        entries.append(
          .copy(path: fields[1], device: device, inode: inode, modified: modified))
      default: continue
      }
    }
  }

  /// Writes the record of a generation, in place of an earlier one.
  func write(
    generation number: Int, in directory: borrowing DirectoryDescriptor
  ) throws(SystemFilesError) {
    let file = try StagedFile(
      replacing: Record.fileName(ofGeneration: number), in: directory,
      .exactly(FileAttributes(mode: 0o600)))
    try file.write(Array(text.utf8))
    try file.commit()
  }

  /// The records that are in a mount point, by generation.
  static func all(
    in directory: borrowing DirectoryDescriptor
  ) throws(SystemFilesError) -> [Int: Record] {
    var records: [Int: Record] = [:]
    for name in try directory.entries() {
      guard let number = generation(ofFile: name) else { continue }
      let bytes = try OpenFile.reading(name, in: directory).contents(limit: 16 << 20)
      records[number] = Record(text: String(decoding: bytes, as: UTF8.self))
    }
    return records
  }
}

extension Record.Entry {
  var path: String {
    switch self {
    case .link(let path, _), .copy(let path, _, _, _), .temporary(let path): path
    }
  }

  enum Removal { case removed, wasGone, isNotOurs }

  /// Removes what the entry is about if it is still what was made.
  func remove(from tree: Tree) throws(SystemFilesError) -> Removal {
    let path = FilePath(path)
    let name = name(of: path)
    guard let parent = try tree.existingParent(of: path), let found = try parent.status(of: name)
    else { return .wasGone }
    switch self {
    case .link(_, let target):
      guard found.kind == .link, try parent.linkTarget(of: name)?.string == target else {
        return .isNotOurs
      }
    case .copy(_, let device, let inode, let modified):
      guard found.kind == .regular, found.device == device, found.inode == inode,
        found.modified == modified
      else { return .isNotOurs }
    case .temporary:
      guard [.regular, .link].contains(found.kind), name.string.hasPrefix(temporaryPrefix) else {
        return .isNotOurs
      }
    }
    try parent.remove(name)
    return .removed
  }
}
