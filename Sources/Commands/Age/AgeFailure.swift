import Age
import Keyring
import SystemFiles
import SystemPackage

/// A failure in the words of `age`, which scripts look for, with the cause in ours behind them.
struct AgeFailure: Failure {
  let description: String
  let hint: String?

  init(_ description: String, hint: String? = nil) {
    self.description = description
    self.hint = hint
  }

  /// `age`'s phrase, then our reason without the words at its start that say the same.
  private init(_ phrase: String, _ reason: String, without start: String = "", _ hint: String?) {
    let rest = reason.hasPrefix(start) ? String(reason.dropFirst(start.count)) : reason
    self.init("\(phrase): \(rest)", hint: hint)
  }

  /// What went wrong in encrypting or decrypting.
  init(_ error: AgeError) {
    let reason = error.description
    let hint = error.hint
    switch error.code {
    case .noMatch:
      self.init(
        "no identity matched any of the recipients", reason, without: "no identity matches: ", hint)
    case .headerMAC:
      self.init("bad header MAC", reason, without: "check the header: ", hint)
    case .header where reason.hasPrefix("read the payload: "):
      self.init("failed to read nonce", reason, without: "read the payload: ", hint)
    case .header: self.init("failed to read header", reason, without: "read the header: ", hint)
    case .payload:
      self.init(
        "failed to decrypt and authenticate payload chunk, file may be corrupted or tampered with",
        reason, without: "decrypt the payload: ", hint)
    case .armor: self.init("invalid armor", reason, without: "read the armor: ", hint)
    case .wrongPassword: self.init("incorrect passphrase", reason, hint)
    case .nobodyToAsk:
      self.init(
        "could not read passphrase: standard input is not a terminal, and /dev/tty is not available",
        reason, hint)
    case .cancelled: self.init("could not read passphrase", reason, hint)
    case .recipient, .identity, .plugin, .memory, .read, .write: self.init(reason, hint: hint)
    }
  }

  /// What PowerShell makes of a file that is redirected.
  static let mangled = AgeFailure(
    "invalid header intro: it looks like this file was corrupted by PowerShell redirection",
    hint: "consider using -o or -a to encrypt files in PowerShell")
}

/// Runs what fails with errors of the format, which become failures in `age`'s words.
func inWordsOfAge<Result: ~Copyable>(
  _ body: () throws(AgeError) -> Result
) throws(AgeFailure) -> Result {
  do { return try body() } catch { throw AgeFailure(error) }
}
