import Configuration
import Keyring
import NewRepository
import SystemFiles
import SystemPackage

/// A key that is to read the secrets.
struct ChosenKey {
  let key: NewRepository.Key
  let isHost: Bool
  /// The private key, if it is on this machine.
  let privateKey: FilePath?

  private static let host = "the machine, by its SSH host key"
  private static let person = "who edits"

  init(_ found: FoundKey) {
    key = NewRepository.Key(
      owner: found.owner, line: found.line, remark: found.isHost ? Self.host : Self.person)
    isHost = found.isHost
    privateKey = found.hasPrivateKey ? found.privateKey : nil
  }

  fileprivate init(line: String) {
    key = NewRepository.Key(owner: "key", line: line, remark: "given")
    isHost = false
    privateKey = nil
  }

  fileprivate init(owner: String, line: String, isHost: Bool, privateKey: FilePath?) {
    key = NewRepository.Key(owner: owner, line: line, remark: isHost ? Self.host : Self.person)
    self.isHost = isHost
    self.privateKey = privateKey
  }
}

/// Finds the keys that a person names.
struct KeyChoice {
  let user: UserAccount
  let home: FilePath?
  let machine: LocalMachine
  let process: ProcessContext

  /// The key that `--key` gives: a public key, or a file with one.
  func named(_ text: String) throws -> ChosenKey {
    if let line = FoundKeys.line(of: text), (try? Keyring().recipient(line)) != nil {
      return ChosenKey(line: line)
    }
    let path = process.absolute(text)
    let line = try line(in: path, named: text)
    let isHost = path.starts(with: "/etc/ssh")
    let isOwn = home.map { path.starts(with: $0) } ?? false
    let file = path.string.hasSuffix(".pub") ? FilePath(String(path.string.dropLast(4))) : nil
    return ChosenKey(
      owner: isHost ? machine.hostName : isOwn ? user.name : path.lastComponent?.stem ?? "key",
      line: line, isHost: isHost,
      privateKey: file.flatMap { (try? FileStatus($0)) == nil ? nil : $0 })
  }

  private func line(in path: FilePath, named text: String) throws -> String {
    let content: [UInt8]
    do throws(SystemFilesError) {
      content = try readFile(path, limit: MachineKeys.largest)
    } catch {
      throw CommandFailure("use the key \(text): \(error)")
    }
    guard let line = FoundKeys.line(of: String(decoding: content, as: UTF8.self)) else {
      throw CommandFailure("use the key \(text): the file is empty")
    }
    do throws(KeyringError) {
      _ = try Keyring().recipient(line)
    } catch {
      throw CommandFailure("use the key \(text): \(error)", hint: error.hint)
    }
    return line
  }
}
