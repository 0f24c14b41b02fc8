import SecretMemory

/// The textual header of a file: one stanza for each recipient, and a MAC over them (Section "Header").
public struct Header: Sendable {
  /// The largest header, in bytes, that is read.
  public static let limit = 16 << 20

  static let versionPrefix = "age-encryption.org/"
  static let versionLine = "age-encryption.org/v1\n"
  static let macSize = 32

  /// The stanzas, of which there is at least one.
  public let stanzas: [Stanza]
  /// The MAC, 32 bytes.
  public let mac: [UInt8]
  /// What the MAC covers: everything up to and including `---`.
  private let covered: [UInt8]

  /// What the parser has read.
  init(stanzas: [Stanza], mac: [UInt8], covered: [UInt8]) {
    self.stanzas = stanzas
    self.mac = mac
    self.covered = covered
  }

  /// Wraps a file key for recipients.
  ///
  /// - Throws: `AgeError` with the code `.recipient` if there are none or they cannot be combined, or what one of them said.
  public init(wrapping fileKey: FileKey, recipients: [any Recipient]) throws(AgeError) {
    self = try Self.wrapping([fileKey], recipients: recipients)[0]
  }

  /// Wraps the file keys of several files for the same recipients, each of which is asked once.
  ///
  /// - Throws: as `init(wrapping:recipients:)`.
  public static func wrapping(
    _ fileKeys: [FileKey], recipients: [any Recipient]
  ) throws(AgeError) -> [Header] {
    var wrappings: [[Wrapping]] = []
    for recipient in recipients {
      let answers = try recipient.wrap(fileKeys)
      precondition(answers.count == fileKeys.count, "a recipient answers for every file key")
      wrappings.append(answers)
    }
    var headers: [Header] = []
    for (index, fileKey) in fileKeys.enumerated() {
      headers.append(try Header(wrappings.map { $0[index] }, fileKey))
    }
    return headers
  }

  /// Combines what the recipients made of one file key.
  private init(_ wrappings: [Wrapping], _ fileKey: FileKey) throws(AgeError) {
    guard let labels = wrappings.first?.labels else {
      throw AgeError(.recipient, "encrypt: there is no recipient")
    }
    guard wrappings.allSatisfy({ $0.labels == labels }) else {
      throw Self.refusal(of: wrappings.map(\.labels))
    }
    let stanzas = wrappings.flatMap(\.stanzas)
    guard !stanzas.isEmpty else {
      throw AgeError(.recipient, "encrypt: the recipients made no stanza")
    }
    guard stanzas.allSatisfy(\.isEncodable) else {
      throw AgeError(.recipient, "encrypt: a recipient made a stanza that cannot be written")
    }
    self.stanzas = stanzas
    var text = Array(Self.versionLine.utf8)
    for stanza in stanzas { stanza.encode(to: &text) }
    text += "---".utf8
    covered = text
    mac = try Self.mac(of: covered, fileKey)
  }

  /// The error for recipients whose labels differ.
  private static func refusal(of labels: [Set<String>]) -> AgeError {
    let arePostQuantum = Set(labels.map { $0.contains(Wrapping.postQuantum) })
    guard arePostQuantum.count == 1 else {
      // These are age's own words, which programs look for.
      return AgeError(
        .recipient,
        "incompatible recipients: can't mix post-quantum and classic recipients, or the file would be"
          + " vulnerable to quantum computers", hint: "encrypt to recipients of one kind only")
    }
    return AgeError(
      .recipient, "incompatible recipients: one of them does not allow the others")
  }

  /// The header's text, which ends with the line of the MAC.
  public var encoded: [UInt8] {
    covered + [UInt8(ascii: " ")] + Base64.encode(mac.span) + [Base64.lineFeed]
  }

  /// Checks the MAC in constant time.
  ///
  /// - Throws: `AgeError` with the code `.headerMAC`.
  public func authenticate(with fileKey: FileKey) throws(AgeError) {
    guard HMAC.areEqual(try Self.mac(of: covered, fileKey), mac) else {
      throw AgeError(.headerMAC, "check the header: its MAC is wrong, the file was changed")
    }
  }

  private static func mac(of covered: [UInt8], _ fileKey: FileKey) throws(AgeError) -> [UInt8] {
    let key = try HKDF.derive(from: fileKey.bytes, salt: [], info: "header")
    return HMAC.authenticate(covered, key: key)
  }
}
