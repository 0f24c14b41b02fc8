package import Age
import AgePlugin
package import Keyring
package import SystemPackage

/// The identities that a person decrypts with: those that were named, or the default ones.
package struct DecryptionKeys: Sendable {
  /// What can be used, in the order in which it is tried.
  package let identities: [any Identity]
  /// Why default identity files cannot be used; it matters only where nothing else opens a file.
  package let unusable: [String]
  /// Where default identities are looked for; empty where identities were named.
  private let searched: [FilePath]

  /// Loads identity files that were named; each must be usable.
  ///
  /// - Throws: `EditingError` with the code `.noIdentity`.
  package init(files: [FilePath], _ keyring: Keyring) throws(EditingError) {
    var identities: [any Identity] = []
    for file in files {
      do throws(KeyringError) {
        identities += try keyring.identities(at: file)
      } catch {
        throw EditingError(.noIdentity, "\(error)", hint: error.hint)
      }
    }
    self.identities = Plugins.grouped(identities)
    unusable = []
    searched = []
  }

  /// Loads the default identities: `.ssh/id_rsa`, then `.ssh/id_ed25519`, of those that are there.
  package init(defaultsIn home: FilePath?, _ keyring: Keyring) {
    searched = ["id_rsa", "id_ed25519"].compactMap { home?.appending(".ssh").appending($0) }
    var identities: [any Identity] = []
    var unusable: [String] = []
    for file in searched {
      do throws(KeyringError) {
        identities += try keyring.identities(at: file)
      } catch  where error.code == .missing {
        continue
      } catch {
        unusable.append("\(error)")
      }
    }
    self.identities = Plugins.grouped(identities)
    self.unusable = unusable
  }

  /// A failed decryption, with what a person needs to know of the identities.
  func explain(_ error: AgeError, decrypting name: String) -> EditingError {
    guard error.code == .noMatch else {
      return EditingError(.badFile, "decrypt \(name): \(error)", hint: error.hint)
    }
    let passedOver = unusable.map { "; passed over \($0)" }.joined()
    guard identities.isEmpty else {
      return EditingError(
        .noIdentity, "decrypt \(name): \(error)\(passedOver)",
        hint: error.hint ?? "name a key file that can read it with -i")
    }
    let places = searched.map(\.string).joined(separator: " or ")
    return EditingError(
      .noIdentity, "decrypt \(name): there is no identity to decrypt with\(passedOver)",
      hint: "name a key file with -i" + (places.isEmpty ? "" : ", or make one at \(places)"))
  }
}
