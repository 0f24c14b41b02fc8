import Age
import AgePlugin
import Glibc
import Keyring
import SystemFiles
import SystemPackage

/// The public keys whose private keys lie on this machine: what is gone with its disk.
struct MachineKeys {
  /// Each as a recipient spells it: an SSH key's type and base64, or `age1…`.
  private var keys: Set<String> = []

  /// The largest public key file that is read, in bytes.
  static let largest = 16 << 10
  private static let hostKeys: FilePath = "/etc/ssh"

  /// Collects the host's keys, those in the `.ssh` directories of its users, and those of identity files.
  ///
  /// What cannot be read, such as another user's directory, is passed over.
  ///
  /// - Parameter identities: files of private keys, such as a configuration's `age.identityPaths`.
  init(identities: [FilePath]) {
    addPairs(in: Self.hostKeys) { $0.hasPrefix("ssh_host_") }
    var homes = Set((try? Accounts.userNames()) ?? []).compactMap {
      (try? Accounts.user(named: $0))??.home
    }
    if let home = ProcessContext.environment("HOME") { homes.append(home) }
    for home in Set(homes) where home.hasPrefix("/") {
      addPairs(in: FilePath(home).appending(".ssh")) { _ in true }
    }
    for file in identities { add(identities: file) }
  }

  func contains(_ recipient: any Recipient) -> Bool {
    guard let text = Self.text(of: recipient) else { return false }
    return keys.contains(text)
  }

  /// Adds the public keys of a file with private ones; a password is not asked for.
  mutating func add(identities file: FilePath) {
    for recipient in Self.recipients(ofPublicHalf: file) { add(recipient) }
    for identity in (try? Keyring().identities(at: file)) ?? [] where !identity.asksSomebody {
      for recipient in (try? identity.recipients()) ?? [] { add(recipient) }
    }
  }

  private mutating func add(_ recipient: any Recipient) {
    if let text = Self.text(of: recipient) { keys.insert(text) }
  }

  /// Adds the public keys of a directory beside which the private ones lie.
  private mutating func addPairs(in directory: FilePath, where isWanted: (String) -> Bool) {
    guard let opened = try? DirectoryDescriptor(opening: directory) else { return }
    for name in (try? opened.entries()) ?? []
    where name.string.hasSuffix(".pub") && isWanted(name.string) {
      let file = directory.appending(String(name.string.dropLast(4)))
      guard (try? FileStatus(file)) != nil else { continue }
      for recipient in Self.recipients(ofPublicHalf: file) { add(recipient) }
    }
  }

  /// The keys in the `.pub` file beside a private key.
  private static func recipients(ofPublicHalf file: FilePath) -> [any Recipient] {
    guard let text = try? readFile(FilePath(file.string + ".pub"), limit: largest) else {
      return []
    }
    let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.compactMap { try? Keyring().recipient(String($0)) }
  }

  private static func text(of recipient: any Recipient) -> String? {
    (recipient as? any CustomStringConvertible)?.description
  }
}
