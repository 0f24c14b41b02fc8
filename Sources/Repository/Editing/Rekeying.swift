import Age
package import Manifest
import SecretMemory
import Synchronization
import SystemFiles
package import SystemPackage

/// Encrypts all secrets of a manifest anew, for the keys that their rules name now: all or none.
package struct Rekeying: Sendable {
  /// What was done.
  package struct Report: Equatable, Sendable {
    /// The names of the secrets that were encrypted anew.
    package var rekeyed: [String] = []
    /// The names of those that have a rule and no file.
    package var missing: [String] = []
    /// How many files an interrupted run had left beside those that it was to replace.
    package var leftovers = 0
  }

  private let directory: FilePath
  private let files: [SecretFile]
  private let missing: [String]
  private let unusable: [EditingError]
  private let keys: DecryptionKeys
  private let recipients: RecipientCache

  /// - Throws: `EditingError` with the code `.notThere` if no rule has a file.
  package init(
    _ rules: [Result<Rule, ManifestError>], in directory: FilePath, keys: DecryptionKeys,
    recipients: RecipientCache
  ) throws(EditingError) {
    var files: [SecretFile] = []
    var missing: [String] = []
    var failures: [EditingError] = []
    var ruleOfFile: [String: String] = [:]
    for rule in rules {
      do throws(EditingError) {
        let file = try SecretFile(of: try rule.usable, in: directory)
        if let other = ruleOfFile.updateValue(file.rule.name, forKey: file.path.string) {
          throw EditingError(
            .badRecipient, "rule '\(file.rule.name)': rule '\(other)' is for the same file")
        }
        if file.exists { files.append(file) } else { missing.append(file.rule.name) }
      } catch {
        failures.append(error)
      }
    }
    guard !files.isEmpty || !failures.isEmpty else {
      throw EditingError(
        .notThere, "rekey: none of the files of the manifest exists in \(directory)")
    }
    self.directory = directory
    self.files = files
    self.missing = missing
    unusable = failures
    self.keys = keys
    self.recipients = recipients
  }

  /// Decrypts, encrypts and writes every file beside the old one, then replaces them together.
  ///
  /// One run at a time: another waits. A signal that would end this process ends it afterwards.
  ///
  /// - Parameter onWait: is called once if another run has to end first.
  /// - Throws: `EditingError` that names every secret that failed; then no file was replaced.
  package func run(onWait: () -> Void = {}) throws(EditingError) -> Report {
    let lock = try lockedDirectory(onWait)
    let leftovers = try removeLeftovers()
    // While somebody is asked for a password, a signal still ends everything.
    let work = try prepare(open())
    try deferringSignals { () throws(EditingError) in try replaceAll(work) }
    _ = consume lock
    return Report(rekeyed: files.map(\.rule.name), missing: missing, leftovers: leftovers)
  }

  private func lockedDirectory(
    _ onWait: () -> Void
  ) throws(EditingError) -> DirectoryDescriptor {
    do throws(SystemFilesError) {
      let directory = try DirectoryDescriptor(opening: directory)
      try directory.lock(onWait: onWait)
      return directory
    } catch {
      throw EditingError(error)
    }
  }

  /// Removes what a run left that was killed before it had replaced everything.
  private func removeLeftovers() throws(EditingError) -> Int {
    var count = 0
    do throws(SystemFilesError) {
      for folder in Set(files.map { $0.path.removingLastComponent().string }) {
        let folder = try DirectoryDescriptor(opening: "/").reach(FilePath(folder))
        for entry in try folder.entries() where isTemporaryName(entry) {
          try folder.remove(entry)
          count += 1
        }
      }
    } catch {
      throw EditingError(error)
    }
    return count
  }

  /// What is to be done with one file.
  private struct Work {
    let file: SecretFile
    let opened: Result<Opened, EditingError>
    let recipients: Result<[any Recipient], EditingError>
    /// Where a plugin has a part in it: it was asked for the headers of all files at once.
    var header: PreparedHeader?

    /// Whether nothing is known that will make it fail.
    var isPromising: Bool { (try? opened.get()) != nil && (try? recipients.get()) != nil }
  }

  private func prepare(_ opened: [Result<Opened, EditingError>]) throws(EditingError) -> [Work] {
    let readers = inParallel(files) { file in
      Result { () throws(EditingError) in try recipients.recipients(of: file.rule) }
    }
    var work = files.indices.map {
      Work(file: files[$0], opened: opened[$0], recipients: readers[$0])
    }
    // Nobody is asked for what can only fail.
    guard unusable.isEmpty, work.allSatisfy(\.isPromising) else { return work }
    let headers = try prepareHeaders(for: files, readers.compactMap { try? $0.get() })
    for (index, header) in headers { work[index].header = header }
    return work
  }

  private func replaceAll(_ work: [Work]) throws(EditingError) {
    let batch = Mutex(ReplacementBatch())
    let isPromising = unusable.isEmpty && work.allSatisfy(\.isPromising)
    let outcomes = inParallel(work) { work -> EditingError? in
      do throws(EditingError) {
        let clearText = try decrypt(work.file, try work.opened.get())
        let recipients = try work.recipients.get()
        // What else is wrong was worth finding out.
        guard isPromising else { return nil }
        let cipherText = try work.file.encrypt(clearText, for: recipients, under: work.header)
        // One at a time: the kernel, too, lets only one make files in a directory, and waits busily.
        try batch.withLock { batch throws(EditingError) in
          try batch.stage(cipherText, for: work.file)
        }
        return nil
      } catch {
        return error
      }
    }
    let failures = unusable + outcomes.compactMap { $0 }
    if !failures.isEmpty { throw EditingError(several: failures, doing: "rekey") }
    do throws(SystemFilesError) {
      try batch.withLock { batch throws(SystemFilesError) in
        var complete = ReplacementBatch()
        swap(&complete, &batch)
        try complete.commit()
      }
    } catch {
      throw EditingError(error)
    }
  }

  private typealias Opened = (file: EncryptedFile<BytesSource>, key: FileKey)

  /// Reads all headers, and unwraps all file keys in one batch.
  private func open() -> [Result<Opened, EditingError>] {
    let encrypted = inParallel(files) { file in
      Result { () throws(EditingError) in try read(file) }
    }
    let readable = encrypted.indices.filter { (try? encrypted[$0].get()) != nil }
    let headers = readable.compactMap { try? encrypted[$0].get().header }
    let unwrapped = fileKeys(of: headers, identities: keys.identities)
    var keysByIndex: [Int: Result<FileKey, AgeError>] = [:]
    for (index, key) in zip(readable, unwrapped) { keysByIndex[index] = key }
    return encrypted.indices.map { index in
      Result { () throws(EditingError) in
        let file = try encrypted[index].get()
        do throws(AgeError) {
          return (file, try keysByIndex[index]!.get())
        } catch {
          throw keys.explain(error, decrypting: files[index].rule.name)
        }
      }
    }
  }

  private func read(_ file: SecretFile) throws(EditingError) -> EncryptedFile<BytesSource> {
    let cipherText = try file.read()
    do throws(AgeError) {
      return try EncryptedFile(reading: BytesSource(cipherText))
    } catch {
      throw keys.explain(error, decrypting: file.rule.name)
    }
  }

  private func decrypt(
    _ file: SecretFile, _ opened: Opened
  ) throws(EditingError) -> SecretBytes {
    do throws(AgeError) {
      return try opened.file.decrypted(with: opened.key)
    } catch {
      throw keys.explain(error, decrypting: file.rule.name)
    }
  }
}

extension Result<Rule, ManifestError> {
  fileprivate var usable: Rule {
    get throws(EditingError) {
      do throws(ManifestError) {
        return try get()
      } catch {
        throw EditingError(.badRecipient, error.reason, hint: error.hint)
      }
    }
  }
}

extension ReplacementBatch {
  fileprivate mutating func stage(
    _ cipherText: [UInt8], for file: SecretFile
  ) throws(EditingError) {
    do throws(SystemFilesError) { try add(try file.stage(cipherText)) } catch {
      throw EditingError(error)
    }
  }
}
