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
  }

  private let files: [SecretFile]
  private let missing: [String]
  private let keys: DecryptionKeys

  /// - Throws: `EditingError` with the code `.several` for rules and files that cannot be used,
  ///   `.notThere` if no rule has a file.
  package init(
    _ rules: [Result<Rule, ManifestError>], in directory: FilePath, keys: DecryptionKeys
  ) throws(EditingError) {
    var files: [SecretFile] = []
    var missing: [String] = []
    var failures: [EditingError] = []
    for rule in rules {
      do throws(EditingError) {
        let file = try SecretFile(of: try rule.usable, in: directory)
        if file.exists { files.append(file) } else { missing.append(file.rule.name) }
      } catch {
        failures.append(error)
      }
    }
    if !failures.isEmpty { throw EditingError(several: failures, doing: "rekey") }
    guard !files.isEmpty else {
      throw EditingError(
        .notThere, "rekey: none of the files of the manifest exists in \(directory)")
    }
    self.files = files
    self.missing = missing
    self.keys = keys
  }

  /// Decrypts, encrypts and writes every file beside the old one, then replaces them together.
  ///
  /// - Throws: `EditingError` that names every secret that failed; then no file was replaced.
  package func run() throws(EditingError) -> Report {
    let opened = open()
    let recipients = RecipientCache()
    let batch = Mutex(ReplacementBatch())
    let outcomes = inParallel(Array(zip(files, opened))) { file, opened -> EditingError? in
      do throws(EditingError) {
        let (encrypted, fileKey) = try opened.get()
        var staged: StagedFile? = try rekey(file, encrypted, fileKey, recipients)
        try batch.withLock { batch throws(EditingError) in try batch.take(staged.take()!) }
        return nil
      } catch {
        return error
      }
    }
    let failures = outcomes.compactMap { $0 }
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
    return Report(rekeyed: files.map(\.rule.name), missing: missing)
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

  private func rekey(
    _ file: SecretFile, _ encrypted: EncryptedFile<BytesSource>, _ fileKey: FileKey,
    _ recipients: RecipientCache
  ) throws(EditingError) -> StagedFile {
    let clearText: SecretBytes
    do throws(AgeError) {
      clearText = try encrypted.decrypted(with: fileKey)
    } catch {
      throw keys.explain(error, decrypting: file.rule.name)
    }
    let cipherText = try file.encrypt(clearText, recipients: recipients)
    do throws(SystemFilesError) {
      let staged = try StagedFile(replacing: file.path, SecretFile.attributes)
      unsafe try staged.write(cipherText.span.bytes)
      return staged
    } catch {
      throw EditingError(error)
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
  fileprivate mutating func take(_ file: consuming StagedFile) throws(EditingError) {
    do throws(SystemFilesError) { try add(file) } catch { throw EditingError(error) }
  }
}
