package import Age
import SecretMemory

/// One or more recipients of one plugin, `age1NAME1…`, which one process of it wraps for
/// (Section "Wrapping with `recipient-v1`").
package struct PluginRecipients: Recipient, CustomStringConvertible {
  /// A recipient, or an identity that stands for one.
  enum Member: Sendable {
    case recipient(String)
    case identity(PluginIdentities.Member)
  }

  package let plugin: PluginName
  let members: [Member]
  private let plugins: Plugins

  /// Reads the text form, which must be canonical: in lower case, the payload is the plugin's own.
  ///
  /// - Throws: `AgeError` with the code `.recipient`.
  package init(_ text: String, _ plugins: Plugins) throws(AgeError) {
    let bytes = Array(text.utf8)
    do throws(Bech32.Failure) {
      let prefix = try Bech32.decode(bytes.span).prefix
      guard prefix.hasPrefix("age1"), text == text.lowercased() else { throw .wrongPrefix }
      plugin = try PluginName(prefix.dropFirst("age1".count))
    } catch {
      throw error.asAgeError(.recipient, "read a plugin's recipient")
    }
    members = [.recipient(text)]
    self.plugins = plugins
  }

  init(_ plugin: PluginName, _ members: [Member], _ plugins: Plugins) {
    self.plugin = plugin
    self.members = members
    self.plugins = plugins
  }

  /// These and others of the same plugin.
  func and(_ others: PluginRecipients) -> PluginRecipients {
    PluginRecipients(plugin, members + others.members, plugins)
  }

  /// The text forms; of an identity its name.
  package var description: String { members.map(\.description).joined(separator: ", ") }

  /// Makes sure that the plugin is there.
  ///
  /// - Throws: `AgeError` with the code `.plugin`.
  package func requireProgram() throws(AgeError) {
    _ = try plugins.directories.program(of: plugin)
  }

  package func wrap(_ fileKey: FileKey) throws(AgeError) -> Wrapping { try wrap([fileKey])[0] }

  package func wrap(_ fileKeys: [FileKey]) throws(AgeError) -> [Wrapping] {
    guard !fileKeys.isEmpty else { return [] }
    return try plugins.run(plugin, "recipient-v1") { process throws(AgeError) in
      try outcome(fileKeys, over: process)
    }.get()
  }

  /// Wraps file keys with whatever is at the other end of a channel.
  ///
  /// - Throws: `AgeError` with the code `.plugin`.
  package func wrap<Channel: ByteSource & ByteSink>(
    _ fileKeys: [FileKey], over channel: Channel
  ) throws(AgeError) -> [Wrapping] {
    try outcome(fileKeys, over: channel).get()
  }

  /// - Returns: what the plugin says to it, be that a complaint.
  /// - Throws: `AgeError` if it does not keep to the protocol.
  private func outcome<Channel: ByteSource & ByteSink>(
    _ fileKeys: [FileKey], over channel: Channel
  ) throws(AgeError) -> Result<[Wrapping], AgeError> {
    var talk = try Conversation(
      plugin, over: channel, plugins.prompter, answers: fileKeys.count * members.count)
    var answer = Answer(files: fileKeys.count)
    do throws(AgeError) {
      try tell(fileKeys, &talk)
      while let command = try talk.next() { try take(command, &answer, &talk) }
    } catch {
      // A plugin may leave without another word once it has complained.
      if talk.complaints.isEmpty { throw error }
    }
    if let error = combined(talk.complaints) { return .failure(error) }
    guard answer.stanzas.allSatisfy({ !$0.isEmpty }) else {
      if let refusal = talk.refusal { return .failure(refusal) }
      throw talk.flaw("it made no stanza for \(self)")
    }
    let labels = answer.labels ?? []
    return .success(answer.stanzas.map { Wrapping($0, labels: labels) })
  }

  /// What a plugin has answered so far.
  private struct Answer {
    var stanzas: [[Stanza]]
    var labels: Set<String>?

    init(files: Int) { stanzas = .init(repeating: [], count: files) }
  }

  /// Phase 1.
  private func tell<Channel>(
    _ fileKeys: [FileKey], _ talk: inout Conversation<Channel>
  ) throws(AgeError) {
    for case .recipient(let text) in members { try talk.tell("add-recipient", text) }
    for case .identity(let member) in members {
      try talk.tell("add-identity", secret: member.text)
    }
    try talk.grease()
    for fileKey in fileKeys { try talk.tell(fileKey) }
    try talk.tell("extension-labels")
    try talk.done()
  }

  /// Phase 2, one command.
  private func take<Channel>(
    _ command: borrowing PluginCommand, _ answer: inout Answer,
    _ talk: inout Conversation<Channel>
  ) throws(AgeError) {
    switch command.name {
    case "recipient-stanza":
      let file = try talk.index(
        command, argument: 0, of: "file", below: answer.stanzas.count)
      guard let type = command.arguments.dropFirst().first, type != Stanza.scryptType else {
        throw talk.flaw("it made a stanza that has no type, or that of passwords")
      }
      guard answer.stanzas[file].count < members.count else {
        throw talk.flaw("it made more stanzas than there are recipients")
      }
      let body = command.body.withSpan { span in span.indices.map { span[$0] } }
      answer.stanzas[file].append(
        Stanza(type: type, arguments: Array(command.arguments.dropFirst(2)), body: body))
      try talk.answer("ok")
    case "labels":
      guard answer.labels == nil else { throw talk.flaw("it sent labels twice") }
      answer.labels = Set(command.arguments)
      try talk.answer("ok")
    case "error":
      try talk.complain(command, about: try subject(of: command, talk))
    default: try talk.attend(to: command)
    }
  }

  /// What an `error` is about.
  private func subject<Channel>(
    of command: borrowing PluginCommand, _ talk: borrowing Conversation<Channel>
  ) throws(AgeError) -> String {
    let named: [Member]
    switch command.arguments.first {
    case "recipient": named = members.filter(\.isRecipient)
    case "identity": named = members.filter { !$0.isRecipient }
    default: return "encrypt with the plugin \(plugin)"
    }
    let index = try talk.index(
      command, argument: 1, of: command.arguments[0], below: named.count)
    return "encrypt to \(named[index])"
  }

  /// One error of several.
  private func combined(_ errors: [AgeError]) -> AgeError? {
    guard errors.count > 1 else { return errors.first }
    return AgeError(
      .plugin, "\(errors[0].reason) (and \(errors.count - 1) more)", hint: errors[0].hint)
  }
}

extension PluginRecipients.Member: CustomStringConvertible {
  var description: String {
    switch self {
    case .recipient(let text): text.count > 100 ? "\(text.prefix(60))…" : text
    case .identity(let member): member.name
    }
  }

  fileprivate var isRecipient: Bool {
    switch self {
    case .recipient: true
    case .identity: false
    }
  }
}
