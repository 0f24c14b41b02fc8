/// What unwraps file keys.
public protocol Identity: Sendable {
  /// What messages call this identity: where it is from and its type, never a part of a secret.
  var name: String { get }

  /// Whether unwrapping may ask somebody, such as for a password; those that ask nobody are tried first.
  var asksSomebody: Bool { get }

  /// Unwraps the file keys of several files, given the stanzas of each, and answers in the same order.
  ///
  /// Files come in batches because some identities (a plugin's process, a person at a terminal) take all before they
  /// answer any.
  func unwrap(_ files: [[Stanza]]) -> [Unwrapping]

  /// The recipients that this identity decrypts for.
  ///
  /// - Throws: `AgeError` with the code `.recipient` if it has none, or what asking for a password gave.
  func recipients() throws(AgeError) -> [any Recipient]
}

extension Identity {
  public var asksSomebody: Bool { false }

  public func recipients() throws(AgeError) -> [any Recipient] {
    throw AgeError(.recipient, "encrypt to the identity \(name): it has no recipient")
  }
}

/// What an identity made of one file.
public enum Unwrapping: Sendable {
  /// A stanza was the identity's; its MAC is still to be checked.
  case fileKey(FileKey)
  /// No stanza was.
  case notMine
  /// A stanza is or may be the identity's, which cannot be used: its password is wrong, there is nobody to ask, a plugin
  /// failed. Another identity may still open the file; if none does, this is why.
  case refused(AgeError)
  /// A stanza was malformed or damaged, which is fatal.
  case failure(AgeError)

  /// Asks of each stanza in turn; the first that is the identity's, or that fails, decides.
  package init(
    _ stanzas: [Stanza], _ unwrap: (Stanza) throws(AgeError) -> FileKey?
  ) {
    self = .notMine
    for stanza in stanzas {
      self = Self(stanza, unwrap)
      if isDecided { return }
    }
  }

  /// The same where asking takes so long that many stanzas are worth all processors.
  package init(
    ofMany stanzas: [Stanza], _ unwrap: @Sendable (Stanza) throws(AgeError) -> FileKey?
  ) {
    self =
      firstInParallel(stanzas) { stanza in
        let answer = Self(stanza, unwrap)
        return answer.isDecided ? answer : nil
      } ?? .notMine
  }

  private init(_ stanza: Stanza, _ unwrap: (Stanza) throws(AgeError) -> FileKey?) {
    do {
      self = try unwrap(stanza).map { .fileKey($0) } ?? .notMine
    } catch {
      self = error.isOfIdentity ? .refused(error) : .failure(error)
    }
  }

  private var isDecided: Bool {
    if case .notMine = self { false } else { true }
  }
}

extension AgeError {
  /// Whether an identity and not the file is at fault.
  fileprivate var isOfIdentity: Bool {
    switch code {
    case .identity, .wrongPassword, .nobodyToAsk, .cancelled, .plugin: true
    default: false
    }
  }
}

extension Identity {
  /// Unwraps the file key of one file; `nil` means that no stanza is this identity's.
  public func unwrap(_ stanzas: [Stanza]) throws(AgeError) -> FileKey? {
    switch unwrap([stanzas]).first {
    case .fileKey(let fileKey): return fileKey
    case .notMine: return nil
    case .refused(let error), .failure(let error): throw error
    case nil: throw AgeError(.identity, "unwrap with \(name): it gave no answer")
    }
  }
}

/// Unwraps the file keys of several files with the first identity that can, and checks each header's MAC.
///
/// Each identity is asked once, with all files that none before it has unwrapped; those that ask nobody come first.
///
/// - Returns: for each header its file key, or an error with the code `.noMatch`, `.headerMAC` or what an identity said.
public func fileKeys(
  of headers: [Header], identities: [any Identity]
) -> [Result<FileKey, AgeError>] {
  var results = [Result<FileKey, AgeError>?](repeating: nil, count: headers.count)
  var refusals = [AgeError?](repeating: nil, count: headers.count)
  for identity in identities.filter({ !$0.asksSomebody }) + identities.filter(\.asksSomebody) {
    let open = headers.indices.filter { results[$0] == nil }
    if open.isEmpty { break }
    let answers = identity.unwrap(open.map { headers[$0].stanzas })
    precondition(answers.count == open.count, "an identity answers for every file")
    for (index, answer) in zip(open, answers) {
      if case .refused(let error) = answer, refusals[index] == nil { refusals[index] = error }
      results[index] = headers[index].accept(answer)
    }
  }
  return headers.indices.map { index in
    results[index] ?? .failure(refusals[index] ?? headers[index].noMatch(identities))
  }
}

extension [any Identity] {
  /// Unwraps the file keys of several files with the first of these that can, as one identity would.
  package func unwrap(_ files: [[Stanza]]) -> [Unwrapping] {
    var answers = [Unwrapping](repeating: .notMine, count: files.count)
    for identity in self {
      let open = answers.indices.filter { !answers[$0].isFinal }
      if open.isEmpty { break }
      for (index, answer) in zip(open, identity.unwrap(open.map { files[$0] })) {
        if case .notMine = answer { continue }
        answers[index] = answer
      }
    }
    return answers
  }
}

extension Unwrapping {
  /// Whether no other identity need be asked.
  fileprivate var isFinal: Bool {
    switch self {
    case .notMine, .refused: false
    case .fileKey, .failure: true
    }
  }
}

extension Header {
  /// Unwraps the file key with the first identity that can, and checks the MAC.
  ///
  /// - Throws: `AgeError` with the code `.noMatch`, `.headerMAC` or what an identity said.
  public func fileKey(identities: [any Identity]) throws(AgeError) -> FileKey {
    try fileKeys(of: [self], identities: identities)[0].get()
  }

  /// What an answer settles; nothing if the next identity is to be asked.
  fileprivate func accept(_ answer: Unwrapping) -> Result<FileKey, AgeError>? {
    switch answer {
    case .notMine, .refused: return nil
    case .failure(let error): return .failure(error)
    case .fileKey(let fileKey):
      do {
        try authenticate(with: fileKey)
        return .success(fileKey)
      } catch {
        return .failure(error)
      }
    }
  }

  /// How many types of stanzas an error names: a header may have a million.
  private static let mostTypes = 8

  /// The error that lists what the file is encrypted to and what was tried.
  fileprivate func noMatch(_ identities: [any Identity]) -> AgeError {
    var counts: [String: Int] = [:]
    var order: [String] = []
    for stanza in stanzas {
      let type = stanza.type.count > 64 ? "\(stanza.type.prefix(64))…" : stanza.type
      if counts.updateValue(counts[type, default: 0] + 1, forKey: type) == nil {
        order.append(type)
      }
    }
    var types = order.prefix(Self.mostTypes).map { type in
      counts[type] == 1 ? type : "\(counts[type, default: 1]) \(type)"
    }
    if order.count > types.count { types.append("\(order.count - types.count) types more") }
    let tried = identities.isEmpty ? "none" : identities.map(\.name).joined(separator: ", ")
    return AgeError(
      .noMatch,
      "no identity matches: the file is for \(types.joined(separator: ", ")); tried: \(tried)",
      hint: stanzas.contains { $0.type == Stanza.scryptType }
        ? "the file is encrypted with a password: `age -d` asks for it" : nil)
  }
}
