import Glibc
import SecretMemory
import SystemFiles
import SystemPackage

/// The files of a new repository, which appear all or none.
struct NewFiles {
  /// A file and what is in it.
  private struct File {
    /// Absolute.
    let path: FilePath
    let mode: UInt32
    let bytes: [UInt8]
  }

  /// The repository, absolute.
  let folder: FilePath
  /// Who owns what is made; nil for who runs this.
  let owner: UserAccount?
  private var files: [File] = []
  private let umask = currentUmask()

  init(folder: FilePath, owner: UserAccount?) {
    self.folder = folder
    self.owner = owner
  }

  /// The names below the folder, in the order in which they were added.
  var names: [String] {
    files.map { file in
      var path = file.path
      return path.removePrefix(folder) ? path.string : file.path.string
    }
  }

  /// Adds a file that may be read by whom the umask lets read it.
  mutating func add(_ name: String, _ bytes: [UInt8]) {
    files.append(File(path: folder.appending(name), mode: 0o666 & ~umask, bytes: bytes))
  }

  /// Whether something is there already, if only a link that leads nowhere.
  static func exists(_ path: FilePath) -> Bool {
    (try? FileStatus(path, followingLinks: false)) != nil
  }

  /// Makes sure that files can be made in the folder, or that the folder can be made.
  func checkPlace() throws {
    var made = MadeDirectories(attributes: attributes(0o777 & ~umask))
    defer { made.remove() }
    try made.make(folder)
    try StagedFile(replacing: folder.appending("secrets.nix"), .exactly(attributes(0o600)))
      .discard()
  }

  /// Makes everything: the private recovery key first, if there is one, and in the end what refers to it.
  func write(_ recovery: RecoveryKey?) throws {
    var made = MadeDirectories(attributes: attributes(0o777 & ~umask))
    do {
      try ignoringSignals {
        try made.make(folder)
        let lock = try DirectoryDescriptor(opening: folder)
        try lock.lock()
        guard !Self.exists(folder.appending("secrets.nix")) else {
          throw CommandFailure("make \(folder.appending("secrets.nix")): it is there already")
        }
        var batch = ReplacementBatch()
        if let recovery, let path = recovery.file { try batch.add(try staged(recovery, at: path)) }
        for file in files {
          try made.make(file.path.removingLastComponent())
          let staged = try StagedFile(
            replacing: file.path, .exactly(attributes(file.mode)))
          try staged.write(file.bytes)
          try batch.add(staged)
        }
        try batch.commit()
      }
    } catch {
      made.remove()
      throw error
    }
  }

  private func staged(
    _ recovery: RecoveryKey, at path: FilePath
  ) throws(SystemFilesError) -> StagedFile {
    let file = try StagedFile(replacing: path, .exactly(attributes(0o600)))
    switch recovery.text {
    case .some(let key):
      try key.withSpan { bytes throws(SystemFilesError) in try unsafe file.write(bytes.bytes) }
    case .none: break
    }
    return file
  }

  private func attributes(_ mode: UInt32) -> FileAttributes {
    FileAttributes(mode: mode, owner: owner?.id, group: owner?.groupID)
  }
}

/// Directories that were made on the way, and are taken back if nothing comes of it.
private struct MadeDirectories {
  let attributes: FileAttributes
  private var paths: [FilePath] = []

  init(attributes: FileAttributes) { self.attributes = attributes }

  /// Makes a directory and those above it, as far as they are missing.
  mutating func make(_ path: FilePath) throws(SystemFilesError) {
    if (try? FileStatus(path)) != nil { return }
    guard let name = path.lastComponent else { return }
    let above = path.removingLastComponent()
    try make(above)
    _ = try DirectoryDescriptor(opening: above).makeDirectory(name, attributes)
    paths.append(path)
  }

  func remove() {
    for path in paths.reversed() { _ = unsafe path.withPlatformString { unsafe rmdir($0) } }
  }
}

/// Lets none of the signals that would end this process do so meanwhile, whichever thread gets them.
private func ignoringSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
  let numbers = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
  let before = numbers.map { signal($0, SIG_IGN) }
  defer {
    for (number, handler) in zip(numbers, before) { _ = signal(number, handler) }
  }
  return try body()
}
