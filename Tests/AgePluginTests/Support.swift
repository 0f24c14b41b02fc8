import Age
import AgePlugin
import Foundation
import SecretMemory
import Synchronization
import TestSupport

/// A person who answers as was agreed, and remembers what was asked.
final class Person: Prompter {
  private let pin: String?
  private let agrees: Bool
  private let onShow: @Sendable () -> Void
  private let heard = Mutex<[String]>([])

  init(
    pin: String? = nil, agrees: Bool = true, onShow: @escaping @Sendable () -> Void = {}
  ) {
    self.onShow = onShow
    self.pin = pin
    self.agrees = agrees
  }

  /// What was asked and shown, in order.
  var asked: [String] { heard.withLock { $0 } }

  private func note(_ text: String) { heard.withLock { $0.append(text) } }

  func secret(_ prompt: String) throws(AgeError) -> SecretBytes {
    note("secret \(prompt)")
    guard let pin else { throw AgeError(.cancelled, "no answer") }
    do { return try SecretBytes(copying: Array(pin.utf8)) } catch { throw AgeError(error) }
  }

  func answer(_ prompt: String) throws(AgeError) -> String {
    note("answer \(prompt)")
    return "somebody"
  }

  func confirm(_ question: String, yes: String, no: String?) throws(AgeError) -> Bool {
    note("confirm \(question) [\(yes)] [\(no ?? "-")]")
    return agrees
  }

  func show(_ message: String) {
    note("show \(message)")
    onShow()
  }
}

/// A key of the test plugin, whose payload says how the plugin is to behave.
struct TestKey {
  static let directory = (product("age-plugin-adage-test") as NSString).deletingLastPathComponent

  let recipient: String
  let identity: String

  init(_ behaviour: String = "", name: String = "adage-test") throws {
    let key = try X25519Identity()
    let tail = Array(behaviour.utf8)
    let text = try key.encoded()
    let scalar = try text.withSpan { try Bech32.decode($0) }
    let secret = scalar.bytes.withSpan { span in span.indices.map { span[$0] } } + tail
    let upper = try Bech32.encodeSecret(secret.span, prefix: "age-plugin-\(name)-")
    identity = upper.withSpan { span in
      String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
    let point = Array("\(key.recipient)".utf8)
    let decoded = try Bech32.decode(point.span)
    let bytes = decoded.bytes.withSpan { span in span.indices.map { span[$0] } } + tail
    recipient = Bech32.encode(bytes.span, prefix: "age1\(name)")
  }

  func plugins(_ prompter: any Prompter = NobodyToAsk()) -> Plugins {
    Plugins(in: PluginDirectories(path: Self.directory), prompter: prompter)
  }

  func recipients(_ prompter: any Prompter = NobodyToAsk()) throws -> PluginRecipients {
    try PluginRecipients(recipient, plugins(prompter))
  }

  func identities(_ prompter: any Prompter = NobodyToAsk()) throws -> PluginIdentities {
    let text = Array(identity.utf8)
    return try PluginIdentities(text.span, from: "key", plugins(prompter))
  }
}

/// Stanzas of files for a key that behaves well, and the file keys that are in them.
func wrapped(_ count: Int, for key: TestKey) throws -> (files: [[Stanza]], fileKeys: [FileKey]) {
  let fileKeys = try (0..<count).map { _ in try FileKey() }
  return (try key.recipients().wrap(fileKeys).map(\.stanzas), fileKeys)
}

extension Unwrapping {
  var fileKey: [UInt8]? {
    if case .fileKey(let fileKey) = self { fileKey.revealed } else { nil }
  }

  var refusal: AgeError? {
    if case .refused(let error) = self { error } else { nil }
  }

  var isNotMine: Bool {
    if case .notMine = self { true } else { false }
  }
}

extension FileKey {
  var revealed: [UInt8] { withSpan { span in span.indices.map { span[$0] } } }
}

extension SecretBytes {
  var revealed: [UInt8] { withSpan { span in span.indices.map { span[$0] } } }
}

/// The error that an expression throws.
func failure(_ body: () throws -> Void) -> AgeError? {
  do {
    try body()
    return nil
  } catch {
    return error as? AgeError
  }
}

/// What a plugin will have said, and what it was told.
final class Script: ByteSource, ByteSink {
  private let replies: [UInt8]
  private var offset = 0
  private(set) var told: [UInt8] = []

  init(_ replies: String) { self.replies = Array(replies.utf8) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let count = min(buffer.count, replies.count - offset)
    unsafe buffer.copyBytes(from: replies[offset..<(offset + count)])
    offset += count
    return count
  }

  func write(_ bytes: Span<UInt8>) throws(AgeError) { told += bytes.indices.map { bytes[$0] } }

  /// What the plugin was told, without what means nothing.
  var text: String { String(decoding: told, as: UTF8.self) }
}
