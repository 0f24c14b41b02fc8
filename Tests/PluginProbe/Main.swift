import Age
import AgePlugin
import Glibc
import SecretMemory
import SystemPackage

/// A plugin for tests: X25519 in stanzas of its own type, done honestly unless a key says otherwise.
///
/// A key's payload is 32 bytes of X25519, then words, with a blank between them, that say how to behave.
@main struct PluginProbe {
  static let stanzaType = "adage-test"

  static func main() throws {
    let name = FilePath(CommandLine.arguments[0]).lastComponent!.string
    let machine = CommandLine.arguments.dropFirst().first ?? ""
    var talk = try Talk(String(name.dropFirst("age-plugin-".count)))
    switch machine {
    case "--age-plugin=recipient-v1": try talk.wrap()
    case "--age-plugin=identity-v1": try talk.unwrap()
    default:
      complain("\(name) is started by age, with --age-plugin=recipient-v1 or identity-v1")
      exit(2)
    }
  }

  static func complain(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll("\(text)\n".utf8)
  }
}

/// A key, and how it wants the plugin to behave.
struct Key: ~Copyable {
  let bytes: SecretBytes
  let words: [String]

  init(_ decoded: consuming Bech32.Decoded) throws {
    var payload = try decoded.bytes.copy()
    words = payload.withSpan { span in
      String(decoding: span.indices.dropFirst(32).map { span[$0] }, as: UTF8.self)
    }.split(separator: " ").map(String.init)
    payload.truncate(to: 32)
    bytes = payload
  }

  var recipient: X25519Recipient {
    get throws { try X25519Recipient(bytes.withSpan { Bech32.encode($0, prefix: "age") }) }
  }

  var identity: X25519Identity {
    get throws {
      try bytes.withSpan { try Bech32.encodeSecret($0, prefix: "age-secret-key-") }
        .withSpan { try X25519Identity($0) }
    }
  }
}

/// What was said to the plugin, and how it goes on.
struct Talk: ~Copyable {
  let name: String
  var reader: StanzaReader<DescriptorSource>
  var writer: StanzaWriter<DescriptorSink>
  var recipients: [any Recipient] = []
  var identities: [X25519Identity] = []
  var words: [String] = []
  var hasLabels = false
  var fileKeys: [FileKey] = []
  var files: [Int: [Stanza]] = [:]

  init(_ name: String) throws {
    let reader = try StanzaReader(
      DescriptorSource(.standardInput), from: "age", limits: ReplyLimits(answers: 1 << 20))
    let writer = try StanzaWriter(DescriptorSink(.standardOutput))
    self.name = name
    self.reader = reader
    self.writer = writer
  }

  // MARK: Phase 1

  mutating func listen() throws {
    while let command = try reader.next() {
      switch command.name {
      case "add-recipient": try add(recipient: command.arguments[0])
      case "add-identity": try add(identity: command.arguments[0])
      case "wrap-file-key": fileKeys.append(try FileKey(try command.body.copy()))
      case "extension-labels": hasLabels = true
      case "recipient-stanza":
        files[Int(command.arguments[0])!, default: []].append(
          Stanza(
            type: command.arguments[1], arguments: Array(command.arguments.dropFirst(2)),
            body: command.body.withSpan { span in span.indices.map { span[$0] } }))
      case "done": return
      default: break
      }
      if words.contains("leave-early") {
        PluginProbe.complain("it is too early")
        exit(3)
      }
      if words.contains("deaf") {
        close(STDOUT_FILENO)
        while true { pause() }
      }
    }
    exit(9)
  }

  mutating func add(recipient text: String) throws {
    let decoded = try Bech32.decode(Array(text.utf8).span)
    guard decoded.prefix == "age1\(name)" else { exit(8) }
    let key = try Key(decoded)
    words += key.words
    recipients.append(try key.recipient)
  }

  mutating func add(identity text: String) throws {
    let decoded = try Bech32.decode(Array(text.utf8).span)
    guard decoded.prefix == "age-plugin-\(name)-" else { exit(8) }
    // An identity without data is for whoever wants to see the plugin started.
    guard decoded.bytes.count >= 32 else { return }
    let key = try Key(decoded)
    words += key.words
    identities.append(try key.identity)
  }

  /// Notes that the plugin was started, where a key names a file for that.
  func log(_ text: String) throws {
    for word in Set(words) where word.hasPrefix("log:") {
      let file = try FileDescriptor.open(
        FilePath(String(word.dropFirst(4))), .writeOnly, options: [.append, .create],
        permissions: .ownerReadWrite)
      try file.closeAfter { _ = try file.writeAll("\(text)\n".utf8) }
    }
  }

  // MARK: Phase 2

  /// Says something, and waits for the answer.
  @discardableResult
  mutating func say(
    _ words: String..., text: String = "", body: [UInt8] = []
  ) throws -> (String, [String], [UInt8]) {
    let body = body + text.utf8
    try writer.write(words, body: body.span)
    try writer.flush()
    guard let answer = try reader.next() else { exit(7) }
    let bytes = answer.body.withSpan { span in span.indices.map { span[$0] } }
    return (answer.name, answer.arguments, bytes)
  }

  func raw(_ text: String) throws { try FileDescriptor.standardOutput.writeAll(text.utf8) }

  mutating func wrap() throws {
    try listen()
    try log("recipient-v1 \(fileKeys.count)")
    try behave()
    for identity in identities { recipients.append(identity.recipient) }
    if hasLabels, let word = words.first(where: { $0.hasPrefix("labels:") }) {
      let labels = word.dropFirst(7).split(separator: ",").map(String.init)
      try writer.write(["labels"] + labels)
      try writer.flush()
      guard try reader.next()?.name == "ok" else { exit(6) }
    }
    for (index, fileKey) in fileKeys.enumerated() {
      for recipient in recipients {
        let stanza = try recipient.wrap(fileKey).stanzas[0]
        try writer.write(
          ["recipient-stanza", "\(index)", PluginProbe.stanzaType] + stanza.arguments,
          body: stanza.body.span)
        try writer.flush()
        guard try reader.next()?.name == "ok" else { exit(6) }
      }
    }
    try finish()
  }

  mutating func unwrap() throws {
    try listen()
    try log("identity-v1 \(files.count)")
    try behave()
    for (index, stanzas) in files.sorted(by: { $0.key < $1.key }) {
      let own = stanzas.filter { $0.type == PluginProbe.stanzaType }.map {
        Stanza(type: "X25519", arguments: $0.arguments, body: $0.body)
      }
      for identity in identities {
        guard let fileKey = try (identity as any Identity).unwrap(own) else { continue }
        let bytes = fileKey.withSpan { span in span.indices.map { span[$0] } }
        guard try say("file-key", "\(index)", body: bytes).0 == "ok" else { exit(6) }
        break
      }
    }
    try finish()
  }

  mutating func finish() throws {
    try writer.write(["done"])
    try writer.flush()
    if words.contains("linger") {
      signal(SIGTERM, SIG_IGN)
      while true { pause() }
    }
    if words.contains("status") { exit(5) }
  }
}
