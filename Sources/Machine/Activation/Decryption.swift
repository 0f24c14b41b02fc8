import Age
import AgePlugin
import Keyring
internal import Plan
import SystemFiles
internal import SystemPackage

/// The keys of a plan, and what is wrong with those that could not be had.
struct Identities {
  let usable: [any Identity]
  /// Worth a word even if every secret opens: missing and damaged files.
  private(set) var warnings: [String] = []
  /// Worth a word only if a secret does not open: keys of a kind that cannot be used yet.
  private(set) var notes: [String] = []

  init(at paths: [String], _ keyring: Keyring) {
    var usable: [any Identity] = []
    for path in paths {
      do {
        usable += try keyring.identities(at: FilePath(path))
      } catch {
        let text = "identity \(error)"
        if error.code == .notSupported { notes.append(text) } else { warnings.append(text) }
      }
    }
    self.usable = Plugins.grouped(usable)
  }
}

/// A secret whose key is known and whose payload is still to be decrypted.
struct OpenedSecret: Sendable {
  let secret: PlannedSecret
  let file: EncryptedFile<BytesSource>
  /// The number of bytes of cipher text.
  let size: Int
  let key: FileKey
}

/// Why one secret cannot be installed.
struct SecretFailure: Error, Sendable {
  let name: String
  let message: String

  init(_ secret: PlannedSecret, _ reason: String) {
    name = secret.name
    message = "secret \(secret.name): \(reason)"
  }
}

/// Reads every secret's file and unwraps the keys; in the plan's order.
///
/// The headers are handed to each identity in one batch, because that is what identities take.
func open(
  _ secrets: [PlannedSecret], with identities: Identities
) -> [Result<OpenedSecret, SecretFailure>] {
  let read = inParallel(secrets) { secret in
    Result { () throws(SecretFailure) in try readFile(secret) }
  }
  let files = read.compactMap { try? $0.get() }
  let keys = fileKeys(of: files.map(\.file.header), identities: identities.usable)
  var next = zip(files, keys).makeIterator()
  return zip(secrets, read).map { secret, read in
    read.flatMap { _ in
      // As many as were read.
      let (text, key) = next.next()!
      return key.map { OpenedSecret(secret: secret, file: text.file, size: text.size, key: $0) }
        .mapError { SecretFailure(secret, "decrypt \(secret.file): \($0)") }
    }
  }
}

private func readFile(
  _ secret: PlannedSecret
) throws(SecretFailure) -> (file: EncryptedFile<BytesSource>, size: Int) {
  let bytes: [UInt8]
  do {
    bytes = try SystemFiles.readFile(FilePath(secret.file), limit: largestSecret)
  } catch {
    throw SecretFailure(secret, error.description)
  }
  do {
    return (try EncryptedFile(reading: BytesSource(bytes)), bytes.count)
  } catch {
    throw SecretFailure(secret, "decrypt \(secret.file): \(error)")
  }
}

/// One error for every secret that failed, in the plan's order, with what is known of the keys.
func failure(
  _ failures: [SecretFailure], of secrets: [PlannedSecret], _ identities: Identities,
  _ operation: String
) -> ActivationError {
  let messages = Dictionary(
    failures.map { ($0.name, $0.message) }, uniquingKeysWith: { first, _ in first })
  return ActivationError(
    .secrets,
    "\(operation): \(failures.count) of \(counted(secrets.count, "secret")) cannot be decrypted; nothing was changed",
    failures: secrets.compactMap { messages[$0.name] } + identities.warnings + identities.notes,
    hint: identities.usable.isEmpty
      ? "none of age.identityPaths can be used; name a private key there" : nil)
}
