import Age
import AgePlugin
package import Keyring
package import Manifest
import Synchronization

/// The recipients of rules; each key line is parsed once, however many rules name it.
package final class RecipientCache: Sendable {
  private let parsed = Mutex<[String: Result<any Recipient, KeyringError>]>([:])

  private let keyring: Keyring

  package init(_ keyring: Keyring) {
    self.keyring = keyring
  }

  /// Makes sure that a secret can be encrypted, before anybody takes the trouble to write it.
  package func check(_ rule: Rule) throws(EditingError) {
    for case let plugin as PluginRecipients in try recipients(of: rule) {
      do throws(AgeError) { try plugin.requireProgram() } catch {
        throw EditingError(.badRecipient, "encrypt \(rule.name): \(error)", hint: error.hint)
      }
    }
  }

  /// - Throws: `EditingError` with the code `.badRecipient` that names the secret and the key's place
  ///   in its rule.
  func recipients(of rule: Rule) throws(EditingError) -> [any Recipient] {
    guard !rule.publicKeys.isEmpty else {
      throw EditingError(
        .badRecipient, "encrypt \(rule.name): its rule has no public key")
    }
    var recipients: [any Recipient] = []
    for (index, line) in rule.publicKeys.enumerated() {
      do throws(KeyringError) {
        recipients.append(try recipient(line))
      } catch {
        throw EditingError(
          .badRecipient, "encrypt \(rule.name): public key \(index + 1) of its rule: \(error)",
          hint: error.hint)
      }
    }
    return Plugins.grouped(recipients)
  }

  private func recipient(_ line: String) throws(KeyringError) -> any Recipient {
    if let known = parsed.withLock({ $0[line] }) { return try known.get() }
    let result = Result { () throws(KeyringError) in try keyring.recipient(line) }
    parsed.withLock { $0[line] = result }
    return try result.get()
  }
}
