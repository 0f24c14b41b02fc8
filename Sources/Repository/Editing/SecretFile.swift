import Age
import Glibc
package import Manifest
package import SecretMemory
import SystemFiles
package import SystemPackage

/// The file of one secret, in the repository.
package struct SecretFile: Sendable {
  package let rule: Rule
  /// Where it really is: links on the way were followed, and lead nowhere else than the repository.
  package let path: FilePath
  package let exists: Bool
  /// The manifest's directory, whose lock a writer holds.
  private let repository: FilePath

  /// Finds the file of a rule.
  ///
  /// - Throws: `EditingError` with the code `.files` if a link leads nowhere or out of the
  ///   manifest's directory, or if nobody can say whether the file is there.
  package init(of rule: Rule, in directory: FilePath) throws(EditingError) {
    self.rule = rule
    guard let home = try? resolve(directory) else {
      throw EditingError(.files, "find \(rule.name): there is no directory \(directory)")
    }
    repository = home
    exists = try Self.exists(rule)
    path = resolveExistingPart(of: rule.file)
    guard path.starts(with: home), path != home else {
      throw EditingError(
        .files, "find \(rule.name): a link leads out of the manifest's directory, to \(path)")
    }
  }

  /// Whether the file is there. A directory that may not be searched is an error: who rekeys must
  /// not take a file for missing.
  private static func exists(_ rule: Rule) throws(EditingError) -> Bool {
    do throws(Errno) {
      _ = try resolve(rule.file)
      return true
    } catch
      where error == .noSuchFileOrDirectory || error == .notDirectory
      || error == .tooManySymbolicLinkLevels
    {
      let status = try? FileStatus(rule.file, followingLinks: false)
      guard status?.kind == .link else { return false }
      throw EditingError(.files, "find \(rule.name): it is a link that leads nowhere")
    } catch {
      throw EditingError(.files, "find \(rule.name): \(error.description.lowercased())")
    }
  }

  /// The cipher text.
  package func read() throws(EditingError) -> [UInt8] {
    guard exists else { throw notThere }
    do throws(SystemFilesError) {
      return try open().contents(limit: largestSecret)
    } catch {
      throw EditingError(error)
    }
  }

  /// Decrypts it into memory.
  package func decrypt(with keys: DecryptionKeys) throws(EditingError) -> SecretBytes {
    let cipherText = try read()
    do throws(AgeError) {
      return try Age.decrypt(cipherText, identities: keys.identities)
    } catch {
      throw keys.explain(error, decrypting: rule.name)
    }
  }

  /// The largest file, in bytes, of which nothing is written before all of it was checked: 2 MiB.
  package static let wholeLimit = 2 << 20

  /// Decrypts it to a descriptor, in the same memory however large it is.
  ///
  /// age's chunks are checked one by one. Of a damaged file of at most `wholeLimit` bytes nothing is
  /// written; a larger one flows through, and what came before the damage is written.
  package func decrypt(
    with keys: DecryptionKeys, to output: FileDescriptor
  ) throws(EditingError) {
    guard exists else { throw notThere }
    do {
      let opened = try open()
      var sink = DescriptorSink(output)
      guard try opened.status().size > Int64(Self.wholeLimit) else {
        let cipherText = try opened.contents(limit: Self.wholeLimit)
        let clearText = try Age.decrypt(cipherText, identities: keys.identities)
        try clearText.withSpan { bytes throws(AgeError) in try sink.write(bytes) }
        return
      }
      try opened.withDescriptor { descriptor in
        let encrypted = try EncryptedFile(reading: DescriptorSource(descriptor))
        let fileKey = try encrypted.header.fileKey(identities: keys.identities)
        try encrypted.decrypt(with: fileKey, to: &sink)
      }
    } catch let error as AgeError {
      throw keys.explain(error, decrypting: rule.name)
    } catch {
      throw EditingError(.files, "decrypt \(rule.name): \(error)")
    }
  }

  private var notThere: EditingError {
    EditingError(.notThere, "decrypt \(rule.name): it does not exist")
  }

  /// Encrypts a clear text for the keys of the rule.
  package func encrypt(
    _ clearText: borrowing SecretBytes, recipients: RecipientCache
  ) throws(EditingError) -> [UInt8] {
    try encrypt(clearText, for: try recipients.recipients(of: rule))
  }

  /// Encrypts a clear text for recipients, under a header of theirs if there is one already.
  func encrypt(
    _ clearText: borrowing SecretBytes, for recipients: [any Recipient],
    under prepared: PreparedHeader? = nil
  ) throws(EditingError) -> [UInt8] {
    do throws(AgeError) {
      guard let prepared else {
        return try Age.encrypt(clearText, recipients: recipients, armor: rule.isArmored)
      }
      return try Age.encrypt(
        clearText, under: prepared.header, fileKey: prepared.fileKey, armor: rule.isArmored)
    } catch {
      throw EditingError(.badRecipient, "encrypt \(rule.name): \(error)", hint: error.hint)
    }
  }

  /// Puts a cipher text in the file's place, whose mode and owner stay.
  package func replace(with cipherText: [UInt8]) throws(EditingError) {
    do throws(SystemFilesError) {
      let lock = try DirectoryDescriptor(opening: repository)
      try lock.lock()
      try deferringSignals { () throws(SystemFilesError) in try stage(cipherText).commit() }
      try lock.close()
    } catch {
      throw EditingError(error)
    }
  }

  /// Writes a cipher text beside the file.
  func stage(_ cipherText: [UInt8]) throws(SystemFilesError) -> StagedFile {
    let attributes = FileAttributes(mode: 0o777 & ~Self.umask)
    let folder = try folder(making: MissingDirectories(trusted: attributes, foreign: attributes))
    let file = try StagedFile(replacing: name, in: folder, Self.attributes)
    unsafe try file.write(cipherText.span.bytes)
    return file
  }

  private func open() throws(SystemFilesError) -> OpenFile {
    try OpenFile.reading(name, in: try folder())
  }

  /// The directory of the file. Links on the way were followed when the file was found; one that
  /// somebody else puts there meanwhile is an error.
  private func folder(
    making missing: MissingDirectories? = nil
  ) throws(SystemFilesError) -> DirectoryDescriptor {
    try DirectoryDescriptor(opening: "/").reach(path.removingLastComponent(), making: missing)
  }

  private var name: FilePath.Component {
    // A path below a directory has a last component.
    path.lastComponent!
  }

  /// A new file gets what the process's umask leaves, as cipher text may be read by all.
  static let attributes = StagedFile.Attributes.preserved(newMode: 0o666 & ~umask)
  private static let umask = currentUmask()
}

/// A path with every link followed on the part of it that exists.
private func resolveExistingPart(of path: FilePath) -> FilePath {
  if let resolved = try? resolve(path) { return resolved }
  guard let name = path.lastComponent else { return path }
  return resolveExistingPart(of: path.removingLastComponent()).appending(name)
}

/// A path with every link on it followed.
private func resolve(_ path: FilePath) throws(Errno) -> FilePath {
  guard let real = unsafe path.withPlatformString({ unsafe realpath($0, nil) }) else {
    throw Errno(rawValue: errno)
  }
  defer { unsafe free(real) }
  return unsafe FilePath(platformString: real)
}
