import AgeSSH
import Configuration
import Keyring
import SystemFiles
import SystemPackage

/// An SSH public key that secrets can be encrypted to.
struct FoundKey: Equatable {
  /// The user's or the machine's name.
  let owner: String
  let isHost: Bool
  let path: FilePath
  /// Its type, its base64 and its comment.
  let line: String
  let type: String
  /// Whether the private key lies beside it.
  let hasPrivateKey: Bool

  /// The private key's file.
  var privateKey: FilePath { FilePath(String(path.string.dropLast(4))) }
}

/// The SSH public keys of a user and of this machine.
struct FoundKeys {
  /// In the order in which they are shown: the user's, then the machine's; in each, the likelier first.
  private(set) var keys: [FoundKey] = []
  /// Files with keys that nothing can be encrypted to.
  private(set) var unusable: [FilePath] = []

  /// - Parameters:
  ///   - home: the user's home directory; nil if there is none.
  ///   - machine: tells the host's name, and where its keys are.
  init(user: String, home: FilePath?, machine: LocalMachine) {
    if let directory = home?.appending(".ssh") {
      for name in Self.publicKeys(in: directory) {
        add(directory.appending(name), owner: user, isHost: false)
      }
    }
    for key in machine.hostKeys {
      add(FilePath(key.path + ".pub"), owner: machine.hostName, isHost: true)
    }
  }

  /// The likelier before the others: what is looked for where no identity is named, Ed25519 first.
  private static func publicKeys(in directory: FilePath) -> [String] {
    let usual = ["id_ed25519.pub", "id_rsa.pub"]
    let names = ((try? DirectoryDescriptor(opening: directory).entries()) ?? []).map(\.string)
      .filter { $0.hasSuffix(".pub") }
    return usual.filter(names.contains) + names.filter { !usual.contains($0) }.sorted()
  }

  private mutating func add(_ path: FilePath, owner: String, isHost: Bool) {
    guard let text = try? readFile(path, limit: MachineKeys.largest),
      let line = Self.line(of: String(decoding: text, as: UTF8.self)),
      let type = try? SSHPublicKeyLine(line).type
    else { return }
    guard (try? Keyring().recipient(line)) != nil else {
      unusable.append(path)
      return
    }
    let key = FoundKey(
      owner: owner, isHost: isHost, path: path, line: line, type: type,
      hasPrivateKey: (try? FileStatus(FilePath(String(path.string.dropLast(4))))) != nil)
    if !keys.contains(where: { $0.line == line }) { keys.append(key) }
  }

  /// The first line that is no comment, without blanks at its ends, nor what could drive a terminal.
  static func line(of text: String) -> String? {
    let line = text.split(whereSeparator: \.isNewline).first { !$0.hasPrefix("#") }
    let words = line?.split(whereSeparator: \.isWhitespace) ?? []
    return words.isEmpty ? nil : words.joined(separator: " ").onOneLine
  }

  /// Which are taken where nobody says otherwise: one of the user's and one of the machine's.
  var suggested: [Int] {
    let user = keys.firstIndex { !$0.isHost && $0.hasPrivateKey }
    let host = keys.firstIndex { $0.isHost }
    return [user, host].compactMap { $0 }
  }
}
