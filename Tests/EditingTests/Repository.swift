import Age
import Foundation
import Keyring
import Manifest
import SecretMemory
import SystemPackage
import TestSupport

@testable import Editing

/// A repository of secrets for one X25519 key, in a directory of its own.
struct Repository {
  let directory = try! TemporaryDirectory()
  let keys: DecryptionKeys

  static let recipient = "age1yjc0s53tm72zqplr23dm2kvecucyv5d7mpy5sjsdqqymkjy56q9q0549aq"

  init() throws {
    keys = try DecryptionKeys(files: [Self.fixture("keys/age.txt")], Keyring())
  }

  /// A file of the command tests' repository.
  static func fixture(_ name: String) -> FilePath {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return FilePath(
      tests.deletingLastPathComponent().appending(path: "Vectors/commands/fixture/\(name)").path)
  }

  var path: FilePath { FilePath(directory.path) }

  /// The rules of a manifest that names keys for each file.
  func rules(_ keys: [String: [String]]) throws -> [Result<Rule, ManifestError>] {
    let rules = keys.mapValues { ["publicKeys": $0] }
    let json = String(decoding: try JSONSerialization.data(withJSONObject: rules), as: UTF8.self)
    return try Manifest(json: json, at: path.appending("secrets.nix")).rules()
  }

  /// The file of a rule for the repository's key.
  func file(_ name: String, _ keys: [String] = [Self.recipient]) throws -> SecretFile {
    try SecretFile(of: try rules([name: keys])[0].get(), in: path)
  }

  /// Encrypts a text to a file; its cipher text.
  @discardableResult
  func write(_ name: String, _ text: [UInt8]) throws -> [UInt8] {
    let file = try file(name)
    let encrypted = try file.encrypt(
      try SecretBytes(copying: text, locking: .preferred), recipients: RecipientCache(Keyring()))
    try file.replace(with: encrypted)
    return encrypted
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> [UInt8] { try write(name, Array(text.utf8)) }

  func text(_ name: String) throws -> String {
    try file(name).decrypt(with: keys).withSpan { span in
      String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
  }

  /// Every name in the repository with its content, links included.
  func picture() throws -> [String: [UInt8]] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: directory.path)
    return try Dictionary(
      uniqueKeysWithValues: names.map { name in
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path(name))
        let isFile = attributes[.type] as? FileAttributeType == .typeRegular
        return (name, isFile ? try directory.read(name) : [])
      })
  }
}
