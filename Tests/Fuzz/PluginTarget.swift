import Age
import AgePlugin
import SecretMemory

/// A plugin says whatever it wants, once to each of the state machines; there is an answer for each file, or an error.
func fuzzPluginReplies(_ bytes: [UInt8]) {
  let plugins = Plugins(prompter: Obliging())
  let stanza = Stanza(type: "test", arguments: ["argument"], body: Array(repeating: 7, count: 32))
  do {
    let channel = Replies(bytes)
    let identities = try PluginIdentities(ofPlugin: "test", plugins)
    let files = [[stanza, stanza], [stanza]]
    if let answers = try? identities.unwrap(files, over: channel) {
      precondition(answers.count == files.count)
    }
    let recipients = try PluginRecipients(
      Bech32.encode([1, 2, 3].span, prefix: "age1test"), plugins)
    let fileKeys = [try FileKey(), try FileKey()]
    if let wrappings = try? recipients.wrap(fileKeys, over: channel) {
      precondition(wrappings.count == fileKeys.count)
      precondition(wrappings.allSatisfy { $0.stanzas.count == 1 })
      precondition(Set(wrappings.map(\.labels)).count == 1)
    }
  } catch {
    preconditionFailure("\(error)")
  }
}

/// A channel that says what it was given, and does not listen.
private struct Replies: ByteSource, ByteSink {
  private var source: BytesSource

  init(_ bytes: [UInt8]) { source = BytesSource(bytes) }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    unsafe try source.read(into: buffer)
  }

  mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {}
}

/// A person who answers everything.
private struct Obliging: Prompter {
  func secret(_ prompt: String) throws(AgeError) -> SecretBytes {
    try guarding { () throws(SecretMemoryError) in try SecretBytes(copying: Array("1234".utf8)) }
  }

  func answer(_ prompt: String) throws(AgeError) -> String { "yes" }

  func confirm(_ question: String, yes: String, no: String?) throws(AgeError) -> Bool { no != nil }

  func show(_ message: String) {}
}
