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
  /// Whether a password or a plugin, which was not to be had, might open it.
  let needsSomebody: Bool

  init(_ secret: PlannedSecret, _ reason: String, needsSomebody: Bool = false) {
    name = secret.name
    message = "secret \(secret.name): \(reason)"
    self.needsSomebody = needsSomebody
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
        .mapError { error in
          SecretFailure(
            secret, "decrypt \(secret.file): \(error)",
            needsSomebody: error.code == .nobodyToAsk || error.code == .plugin)
        }
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

extension Activation {
  /// What is wrong with each secret, in the plan's order.
  private func messages(of failures: [SecretFailure]) -> [String] {
    let messages = Dictionary(
      failures.map { ($0.name, $0.message) }, uniquingKeysWith: { first, _ in first })
    return plan.secrets.compactMap { messages[$0.name] }
  }

  /// One error for every secret that failed, with what is known of the keys.
  ///
  /// - Parameter generation: what is live now without them; nil if nothing was changed.
  func failure(
    _ failures: [SecretFailure], _ identities: Identities, live generation: Int? = nil
  ) -> ActivationError {
    let verb = extent == .everything ? "decrypted" : "installed"
    let outcome = generation.map { "generation \($0) has the others" } ?? "nothing was changed"
    return ActivationError(
      generation == nil ? .secrets : .partlyApplied,
      "activate: \(failures.count) of \(counted(plan.secrets.count, "secret")) cannot be \(verb); \(outcome)",
      // Where something goes live, the warnings are told by themselves.
      failures: messages(of: failures) + (generation == nil ? identities.warnings : [])
        + identities.notes,
      hint: identities.usable.isEmpty
        ? "none of age.identityPaths can be used; name a private key there" : nil)
  }
}
