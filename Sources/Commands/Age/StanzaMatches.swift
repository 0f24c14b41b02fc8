import Age

/// Which stanzas are for whom, as far as that can be told: SSH keys have a tag in their stanzas, and a private key can
/// try. Of other public keys nothing shows.
struct StanzaMatches {
  /// A stanza as it is shown.
  struct Described {
    let type: String
    let arguments: [String]
    /// Whom it is for; nil if nobody was asked about.
    let match: String?

    private static let widest = 64

    /// Type and arguments, long ones cut short.
    var shortLine: String {
      ([type] + arguments).map { word in
        word.count > Self.widest ? "\(word.prefix(Self.widest))…" : word
      }.joined(separator: " ")
    }
  }

  private enum Answer { case yes, no, unknown }

  private var tests: [(name: String, test: (Stanza) -> Answer)] = []

  var isEmpty: Bool { tests.isEmpty }

  mutating func add(_ recipient: any Recipient, named name: String?) {
    let name = name ?? (recipient as? any CustomStringConvertible)?.description ?? "a recipient"
    tests.append((name, { Self.isFor(recipient, $0) }))
  }

  /// Identities that ask somebody are taken by their public keys.
  mutating func add(_ identities: [any Identity]) {
    for identity in identities {
      guard identity.asksSomebody else {
        tests.append((identity.name, { Self.opens(identity, $0) }))
        continue
      }
      let recipients = (try? identity.recipients()) ?? []
      tests.append(
        (
          identity.name,
          { stanza in
            let answers = recipients.map { Self.isFor($0, stanza) }
            if answers.contains(.yes) { return .yes }
            return answers.isEmpty || answers.contains(.unknown) ? .unknown : .no
          }
        ))
    }
  }

  /// The stanzas of a header.
  func described(_ header: Header) -> [Described] {
    header.stanzas.map { stanza in
      Described(type: stanza.type, arguments: stanza.arguments, match: match(stanza))
    }
  }

  private func match(_ stanza: Stanza) -> String? {
    if tests.isEmpty { return nil }
    let answers = tests.map { (name: $0.name, answer: $0.test(stanza)) }
    let names = answers.filter { $0.answer == .yes }.map(\.name)
    if !names.isEmpty { return names.joined(separator: ", ") }
    return answers.contains { $0.answer == .unknown } ? "unknown" : "none of those given"
  }

  private static func opens(_ identity: any Identity, _ stanza: Stanza) -> Answer {
    switch identity.unwrap([[stanza]]).first {
    case .fileKey: .yes
    case .notMine: .no
    default: .unknown
    }
  }

  private static func isFor(_ recipient: any Recipient, _ stanza: Stanza) -> Answer {
    guard let recipient = recipient as? any TaggingRecipient else { return .unknown }
    return (try? recipient.isFor(stanza)) == true ? .yes : .no
  }
}
