import Activation
import Age
import Foundation
import Keyring
import Plan
import SecretMemory
import SystemFiles
import SystemPackage
import TestSupport
import Testing

let isRoot = getuid() == 0

/// A directory that plays the machine (`root`), and beside it a repository with a key; everything
/// is unmounted and removed when the test lets go of it.
final class TestMachine {
  let directory: FilePath
  let root: FilePath
  let recipient: X25519Recipient
  let keyFile: String
  var plan: Plan

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "adage-activation-\(UUID().uuidString)")
    directory = FilePath(url.path)
    root = directory.appending("root")
    try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: true)
    let identity = try X25519Identity()
    recipient = identity.recipient
    keyFile = directory.appending("key").string
    let text = try identity.encoded().withSpan { span in
      String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
    try Data((text + "\n").utf8).write(to: URL(filePath: keyFile))
    plan = Plan(identityPaths: [keyFile], secrets: [])
  }

  deinit {
    for mounted in ["run/agenix.d", "run/other.d"] {
      try? unmount(root.appending(mounted))
    }
    try? FileManager.default.removeItem(atPath: directory.string)
  }

  /// Writes a file of cipher text and returns its path.
  func encrypt(_ text: String, as name: String = UUID().uuidString) throws -> String {
    let file = try Age.encrypt(SecretBytes(copying: Array(text.utf8)), recipients: [recipient])
    let path = directory.appending(name + ".age").string
    try Data(file).write(to: URL(filePath: path))
    return path
  }

  /// Adds a secret that only an SSH key opens.
  func add(
    _ name: String, _ text: String, for publicKey: String, path: String? = nil, symlink: Bool = true
  ) throws {
    try add(name, path: path, symlink: symlink)
    let file = try Age.encrypt(
      SecretBytes(copying: Array(text.utf8)), recipients: [Keyring().recipient(publicKey)])
    try Data(file).write(to: URL(filePath: plan.secrets[plan.secrets.count - 1].file))
  }

  /// Makes the cipher text of a secret one that nothing opens.
  func damage(_ name: String) throws {
    let secret = try #require(plan.secrets.first { $0.name == name })
    try Data("not age".utf8).write(to: URL(filePath: secret.file))
  }

  /// Adds a secret to the plan.
  func add(
    _ name: String, _ text: String = "secret", path: String? = nil, mode: String = "0400",
    owner: String = "0", group: String = "0", symlink: Bool = true
  ) throws {
    plan.secrets.append(
      PlannedSecret(
        name: name, file: try encrypt(text),
        path: path ?? plan.defaultPath(ofName: name), mode: mode, owner: owner, group: group,
        symlink: symlink))
  }

  var activation: Activation { Activation(plan, root: root) }

  @discardableResult
  func activate() throws -> ActivationReport { try activation.run() }

  /// The error of an activation that must fail.
  func failure(_ code: ActivationError.Code) throws -> ActivationError {
    let error = try #require(throws: ActivationError.self) { _ = try activation.run() }
    #expect(error.code == code)
    return error
  }

  func inside(_ path: String) -> FilePath { root.appending(FilePath(path).components) }

  /// The text at a path inside the root, whose links are followed as from inside.
  func read(_ path: String) throws -> String {
    let path = FilePath(path)
    let parent = try DirectoryDescriptor(opening: root).reach(path.removingLastComponent())
    let name = try #require(path.lastComponent)
    if try parent.status(of: name)?.kind == .link {
      let target = try #require(try parent.linkTarget(of: name))
      return try read(target.string)
    }
    let bytes = try OpenFile.reading(name, in: parent).contents(limit: 1 << 24)
    return String(decoding: bytes, as: UTF8.self)
  }

  func status(_ path: String) throws -> FileStatus {
    try FileStatus(inside(path), followingLinks: false)
  }

  func linkTarget(_ path: String) throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: inside(path).string)
  }

  func exists(_ path: String) -> Bool {
    (try? FileStatus(inside(path), followingLinks: false)) != nil
  }

  /// Every file, directory and link below the root with its mode, owner, target or content.
  func picture() throws -> [String] {
    var lines: [String] = []
    for case let path as String in try #require(
      FileManager.default.enumerator(atPath: root.string))
    {
      let status = try status(path)
      var line = "\(path) \(status.kind) \(String(status.mode, radix: 8)) \(status.owner)"
      if status.kind == .link { line += try linkTarget(path) }
      if status.kind == .regular {
        line += String(decoding: try readFile(inside(path), limit: 1 << 24), as: UTF8.self)
      }
      lines.append(line)
    }
    return lines.sorted()
  }

  func makeDirectory(_ path: String, owner: Int? = nil, mode: Int = 0o755) throws {
    var attributes: [FileAttributeKey: Any] = [.posixPermissions: mode]
    if let owner { attributes[.ownerAccountID] = owner }
    try FileManager.default.createDirectory(
      atPath: inside(path).string, withIntermediateDirectories: true)
    try FileManager.default.setAttributes(attributes, ofItemAtPath: inside(path).string)
  }

  func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: inside(path).string))
  }

  func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: inside(path).string, withDestinationPath: target)
  }

  /// A private key that ssh-keygen makes, beside the root.
  func sshKey(_ type: String, password: String = "") throws -> (
    privateKey: String, publicKey: String
  ) {
    let path = directory.appending("ssh_\(type)").string
    try runBlocking(
      "/usr/bin/ssh-keygen", ["-q", "-t", type, "-a", "1", "-N", password, "-f", path])
    return (path, try String(contentsOfFile: path + ".pub", encoding: .utf8))
  }
}
