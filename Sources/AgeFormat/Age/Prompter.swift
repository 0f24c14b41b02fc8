public import SecretMemory

/// The person whom a key may need: for its password, a PIN, or a yes.
///
/// Implementations ask on a terminal, never of a pipe, and answer at once with an error where there is none.
public protocol Prompter: Sendable {
  /// Asks for something that is not shown as it is typed; `prompt` says what for, without a colon.
  ///
  /// - Throws: `AgeError` with the code `.nobodyToAsk`, `.cancelled` or `.memory`.
  func secret(_ prompt: String) throws(AgeError) -> SecretBytes

  /// Asks for something that may be seen.
  ///
  /// - Throws: as `secret(_:)`.
  func answer(_ prompt: String) throws(AgeError) -> String

  /// Asks a question; `no` is nil where there is nothing else to choose.
  ///
  /// - Returns: whether `yes` was chosen.
  /// - Throws: as `secret(_:)`.
  func confirm(_ question: String, yes: String, no: String?) throws(AgeError) -> Bool

  /// Shows a message, if there is anybody to see it.
  func show(_ message: String)
}

/// The prompter of a process that has nobody to ask.
public struct NobodyToAsk: Prompter {
  public init() {}

  public func secret(_ prompt: String) throws(AgeError) -> SecretBytes { throw refusal(prompt) }

  public func answer(_ prompt: String) throws(AgeError) -> String { throw refusal(prompt) }

  public func confirm(
    _ question: String, yes: String, no: String?
  ) throws(AgeError) -> Bool { throw refusal(question) }

  public func show(_ message: String) {}

  private func refusal(_ prompt: String) -> AgeError {
    AgeError(.nobodyToAsk, "ask for \(prompt): there is nobody to ask")
  }
}
