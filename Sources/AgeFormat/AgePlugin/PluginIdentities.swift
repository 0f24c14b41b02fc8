package import Age
import SecretMemory

/// One or more identities of one plugin, `AGE-PLUGIN-NAME-1…`, which one process of it unwraps with
/// (Section "Unwrapping with `identity-v1`").
package struct PluginIdentities: Identity {
  /// One of the identities.
  final class Member: Sendable {
    /// The text form, which may hold a key.
    let text: SecretBytes
    /// What messages call it.
    let name: String

    init(_ text: consuming SecretBytes, _ name: String) {
      self.text = text
      self.name = name
    }
  }

  private static let prefix = "age-plugin-"

  package let plugin: PluginName
  let members: [Member]
  private let plugins: Plugins

  /// Reads the text form, which must be canonical: in upper case, the payload is the plugin's own.
  ///
  /// - Parameter place: where the identity is from.
  /// - Throws: `AgeError` with the code `.identity`, which repeats no part of the payload.
  package init(_ text: Span<UInt8>, from place: String, _ plugins: Plugins) throws(AgeError) {
    do throws(Bech32.Failure) {
      let prefix = try Bech32.decode(text).prefix
      let isUpper = text.indices.allSatisfy { !(UInt8(ascii: "a")...UInt8(ascii: "z") ~= text[$0]) }
      guard isUpper, prefix.hasPrefix(Self.prefix), prefix.hasSuffix("-") else {
        throw .wrongPrefix
      }
      plugin = try PluginName(prefix.dropFirst(Self.prefix.count).dropLast())
    } catch {
      throw error.asAgeError(.identity, "read a plugin's identity")
    }
    let copy = try guarding { () throws(SecretMemoryError) in try SecretBytes(copying: text) }
    members = [Member(copy, "\(place) (\(plugin.program))")]
    self.plugins = plugins
  }

  /// The identity without a payload, of a plugin that needs to know nothing but that it is meant.
  ///
  /// - Throws: `AgeError` with the code `.identity`.
  package init(ofPlugin name: String, _ plugins: Plugins) throws(AgeError) {
    do throws(Bech32.Failure) { plugin = try PluginName(name.lowercased()[...]) } catch {
      throw error.asAgeError(.identity, "name a plugin")
    }
    let text = try Bech32.encodeSecret(.init(), prefix: "\(Self.prefix)\(plugin)-")
    members = [Member(text, plugin.program)]
    self.plugins = plugins
  }

  private init(_ plugin: PluginName, _ members: [Member], _ plugins: Plugins) {
    self.plugin = plugin
    self.members = members
    self.plugins = plugins
  }

  /// These and others of the same plugin.
  func and(_ others: PluginIdentities) -> PluginIdentities {
    PluginIdentities(plugin, members + others.members, plugins)
  }

  package var name: String { members.map(\.name).joined(separator: ", ") }

  /// Any plugin may.
  package var asksSomebody: Bool { true }

  package func recipients() throws(AgeError) -> [any Recipient] {
    [PluginRecipients(plugin, members.map { .identity($0) }, plugins)]
  }

  package func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    guard !files.isEmpty else { return [] }
    do throws(AgeError) {
      return try plugins.run(plugin, "identity-v1") { process throws(AgeError) in
        try unwrap(files, over: process)
      }
    } catch {
      return files.map { _ in .refused(error) }
    }
  }

  /// Unwraps file keys with whatever is at the other end of a channel.
  ///
  /// - Throws: `AgeError` with the code `.plugin`.
  package func unwrap<Channel: ByteSource & ByteSink>(
    _ files: [[Stanza]], over channel: Channel
  ) throws(AgeError) -> [Unwrapping] {
    var talk = try Conversation(plugin, over: channel, plugins.prompter, answers: files.count)
    var answer = Answer(files: files.count)
    do throws(AgeError) {
      try tell(files, &talk)
      while let command = try talk.next() { try take(command, of: files, &answer, &talk) }
    } catch {
      // A plugin may leave without another word once it has complained.
      guard let complaint = answer.complaint else { throw error }
      return files.map { _ in .refused(complaint) }
    }
    let reason = answer.complaint ?? talk.refusal
    return files.indices.map { file in
      if let fileKey = answer.fileKeys[file] { return .fileKey(fileKey) }
      return (answer.complaints[file] ?? reason).map { .refused($0) } ?? .notMine
    }
  }

  /// What a plugin has answered so far.
  private struct Answer {
    var fileKeys: [FileKey?]
    /// What it said of single files.
    var complaints: [Int: AgeError] = [:]
    /// What it said of everything.
    var complaint: AgeError?

    init(files: Int) { fileKeys = .init(repeating: nil, count: files) }
  }

  /// Phase 1.
  private func tell<Channel>(
    _ files: [[Stanza]], _ talk: inout Conversation<Channel>
  ) throws(AgeError) {
    for member in members { try talk.tell("add-identity", secret: member.text) }
    try talk.grease()
    for (index, stanzas) in files.enumerated() {
      for stanza in stanzas { try talk.tell(stanza, ofFile: index) }
    }
    try talk.done()
  }

  /// Phase 2, one command.
  private func take<Channel>(
    _ command: consuming PluginCommand, of files: [[Stanza]], _ answer: inout Answer,
    _ talk: inout Conversation<Channel>
  ) throws(AgeError) {
    switch command.name {
    case "file-key":
      let file = try talk.index(command, argument: 0, of: "file", below: files.count)
      guard answer.fileKeys[file] == nil else {
        throw talk.flaw("it sent the key of a file twice")
      }
      guard command.body.count == FileKey.size else {
        throw talk.flaw(
          "it sent a file key of \(command.body.count) bytes and not \(FileKey.size)")
      }
      answer.fileKeys[file] = try FileKey(command.takeBody())
      try talk.answer("ok")
    case "error": try note(command, of: files, &answer, &talk)
    default: try talk.attend(to: command)
    }
  }

  private func note<Channel>(
    _ command: borrowing PluginCommand, of files: [[Stanza]], _ answer: inout Answer,
    _ talk: inout Conversation<Channel>
  ) throws(AgeError) {
    switch command.arguments.first {
    case "stanza":
      let file = try talk.index(command, argument: 1, of: "file", below: files.count)
      _ = try talk.index(command, argument: 2, of: "stanza", below: files[file].count)
      let error = try talk.complain(command, about: "decrypt with \(name)")
      if answer.complaints[file] == nil { answer.complaints[file] = error }
    case "identity":
      let index = try talk.index(command, argument: 1, of: "identity", below: members.count)
      let error = try talk.complain(command, about: "decrypt with \(members[index].name)")
      if answer.complaint == nil { answer.complaint = error }
    default:
      let error = try talk.complain(command, about: "decrypt with \(name)")
      if answer.complaint == nil { answer.complaint = error }
    }
  }
}
