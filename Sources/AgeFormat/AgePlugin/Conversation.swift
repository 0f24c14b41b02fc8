import Age
import SecretMemory

/// One run of a plugin: what it is told, what it says, and what it may ask of a person meanwhile.
struct Conversation<Channel: ByteSource & ByteSink>: ~Copyable {
  /// The most of a plugin's text that is shown, in bytes.
  private static var longestText: Int { 4 << 10 }

  private let plugin: PluginName
  private let prompter: any Prompter
  private var reader: StanzaReader<Channel>
  private var writer: StanzaWriter<Channel>
  /// Why a person did not answer, the first time that happened.
  private(set) var refusal: AgeError?
  /// What the plugin said is wrong.
  private(set) var complaints: [AgeError] = []

  init(
    _ plugin: PluginName, over channel: Channel, _ prompter: any Prompter, answers: Int
  ) throws(AgeError) {
    let reader = try StanzaReader(
      channel, from: plugin.program, limits: ReplyLimits(answers: answers))
    let writer = try StanzaWriter(channel)
    self.plugin = plugin
    self.prompter = prompter
    self.reader = reader
    self.writer = writer
  }

  // MARK: The phase that we control

  mutating func tell(_ words: String..., body: Span<UInt8> = .init()) throws(AgeError) {
    try writer.write(words, body: body)
  }

  mutating func tell(_ word: String, secret: borrowing SecretBytes) throws(AgeError) {
    try writer.write(word, secret: secret)
  }

  mutating func tell(_ fileKey: FileKey) throws(AgeError) {
    try fileKey.withSpan { bytes throws(AgeError) in
      try writer.write(["wrap-file-key"], body: bytes)
    }
  }

  mutating func tell(_ stanza: Stanza, ofFile index: Int) throws(AgeError) {
    try writer.write(
      ["recipient-stanza", "\(index)", stanza.type] + stanza.arguments, body: stanza.body.span)
  }

  /// Says something that means nothing, so that plugins keep passing over what they do not know (Section "Grease").
  mutating func grease() throws(AgeError) {
    let arguments = (0..<Int.random(in: 0..<3)).map { _ in "\(UInt8.random(in: 0...255))" }
    let body = (0..<Int.random(in: 0..<100)).map { _ in UInt8.random(in: 0...255) }
    try writer.write(
      ["grease-\(String(UInt32.random(in: 0...UInt32.max), radix: 16))"] + arguments,
      body: body.span)
  }

  /// Ends the phase.
  mutating func done() throws(AgeError) {
    try writer.write(["done"])
    try writer.flush()
  }

  // MARK: The phase that the plugin controls

  /// The next command; `done` is nil.
  mutating func next() throws(AgeError) -> PluginCommand? {
    guard let command = try reader.next() else {
      throw AgeError(.plugin, "\(plugin.program): it hung up before it had answered")
    }
    if command.name == "done" { return nil }
    return command
  }

  /// Answers a command.
  mutating func answer(_ words: String..., body: Span<UInt8> = .init()) throws(AgeError) {
    try writer.write(words, body: body)
    try writer.flush()
  }

  /// Does what is the same for both state machines: what concerns a person, and what nobody knows.
  mutating func attend(to command: borrowing PluginCommand) throws(AgeError) {
    switch command.name {
    case "msg":
      prompter.show(shown(command.body))
      try answer("ok")
    case "confirm": try confirm(command)
    case "request-public":
      let question = shown(command.body)
      guard let text = try ask({ prompter throws(AgeError) in try prompter.answer(question) })
      else { return }
      let bytes = Array(text.utf8)
      try answer("ok", body: bytes.span)
    case "request-secret": try requestSecret(shown(command.body))
    default: try answer("unsupported")
    }
  }

  private mutating func requestSecret(_ question: String) throws(AgeError) {
    let secret: SecretBytes
    do throws(AgeError) { secret = try prompter.secret(question) } catch {
      return try fail(error)
    }
    try secret.withSpan { bytes throws(AgeError) in try writer.write(["ok"], body: bytes) }
    try writer.flush()
  }

  private mutating func confirm(_ command: borrowing PluginCommand) throws(AgeError) {
    let labels = command.arguments.map { argument in
      let bytes = Array(argument.utf8)
      return Base64.decode(bytes.span).map { String(decoding: $0, as: UTF8.self) }
    }
    guard 1...2 ~= labels.count, let yes = labels[0], !labels.contains(nil) else {
      throw flaw("it asked for a choice without naming one or two things to choose")
    }
    let no = labels.count == 2 ? labels[1] : nil
    let question = shown(command.body)
    let choice = try ask { prompter throws(AgeError) in
      try prompter.confirm(question, yes: yes, no: no)
    }
    if let choice { try answer("ok", choice ? "yes" : "no") }
  }

  /// What a person says; nil, after the plugin was told, if nothing.
  private mutating func ask<Answer>(
    _ body: (any Prompter) throws(AgeError) -> Answer
  ) throws(AgeError) -> Answer? {
    do throws(AgeError) { return try body(prompter) } catch {
      try fail(error)
      return nil
    }
  }

  private mutating func fail(_ error: AgeError) throws(AgeError) {
    if refusal == nil { refusal = error }
    try answer("fail")
  }

  // MARK: What the plugin says is wrong

  /// Notes an `error`, and answers it.
  ///
  /// - Parameter subject: what the plugin could not do.
  /// - Returns: the error.
  @discardableResult
  mutating func complain(
    _ command: borrowing PluginCommand, about subject: String
  ) throws(AgeError) -> AgeError {
    let text = shown(command.body)
    let error = AgeError(.plugin, "\(subject): \(text)", hint: refusal?.description)
    complaints.append(error)
    try answer("ok")
    return error
  }

  /// A plugin's text, which is not to be trusted, behind its program's name.
  private func shown(_ text: borrowing SecretBytes) -> String {
    let bytes = text.withSpan { span in
      (0..<min(span.count, Self.longestText)).map { span[$0] }
    }
    var shown = String(decoding: bytes, as: UTF8.self)
    while shown.last?.isWhitespace == true { shown.removeLast() }
    return "\(plugin.program): \(shown)\(text.count > bytes.count ? "…" : "")"
  }

  /// The number that an argument is, which must be below `count`.
  func index(
    _ command: borrowing PluginCommand, argument: Int, of what: String, below count: Int
  ) throws(AgeError) -> Int {
    guard argument < command.arguments.count, let index = Int(command.arguments[argument]),
      0..<count ~= index, "\(index)" == command.arguments[argument]
    else {
      throw flaw("its command \(command.name) names no \(what) that it was given")
    }
    return index
  }

  func flaw(_ what: String) -> AgeError { AgeError(.plugin, "\(plugin.program): \(what)") }
}
