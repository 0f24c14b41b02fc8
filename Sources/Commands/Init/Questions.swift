import Age
import SecretMemory
import SystemPackage

/// Asks on the terminal what `adage init` is to do. Nothing is on the disk yet, so that whoever gives up leaves nothing.
struct Questions: ~Copyable {
  private let terminal: Terminal

  /// - Parameter subject: what is to be asked.
  /// - Throws: `CommandFailure` if there is no terminal.
  init(about subject: String, otherwise hint: String) throws(CommandFailure) {
    do throws(Errno) {
      terminal = try Terminal()
    } catch {
      throw CommandFailure(
        "ask \(subject): there is no terminal", hint: "--yes takes what would be suggested; \(hint)"
      )
    }
  }

  /// Asks which keys are to read the secrets.
  ///
  /// - Throws: `AgeError` with the code `.cancelled`.
  func chooseKeys(_ found: FoundKeys, home: FilePath?) throws(AgeError) -> [FoundKey] {
    let keys = found.keys
    if keys.isEmpty { return [] }
    terminal.show("Which keys are to read the secrets?")
    for (index, key) in keys.enumerated() {
      terminal.show(Self.describe(key, number: index + 1, home: home))
    }
    let suggested = found.suggested.map { String($0 + 1) }.joined(separator: " ")
    let otherwise = suggested.isEmpty ? "none" : suggested
    while true {
      let answer = try ask("Their numbers, or none (Enter takes \(otherwise)): ")
      do throws(WrongAnswer) {
        return try Self.numbers(answer.isEmpty ? otherwise : answer, upTo: keys.count).map {
          keys[$0 - 1]
        }
      } catch {
        terminal.show("There is no key \(error.text.onOneLine).")
      }
    }
  }

  private static func describe(_ key: FoundKey, number: Int, home: FilePath?) -> String {
    var path = key.path
    let isBelowHome = home.map { path.removePrefix($0) } ?? false
    let place = isBelowHome ? "~/\(path)" : key.path.string
    let remark =
      key.isHost ? "(this machine)" : key.hasPrivateKey ? "" : "(the private key is elsewhere)"
    // The line is type, key and comment.
    let comment = key.line.split(separator: " ").dropFirst(2).joined(separator: " ")
    let words = ["\(number)", key.owner, key.type, place.onOneLine, comment, remark]
      .filter { !$0.isEmpty }
    return "  " + words.joined(separator: "  ")
  }

  struct WrongAnswer: Error {
    let text: String
  }

  /// The numbers of an answer, from 1 to `count`; `none` is none.
  static func numbers(_ answer: String, upTo count: Int) throws(WrongAnswer) -> [Int] {
    let words = answer.split { $0.isWhitespace || $0 == "," }
    if words == ["none"] { return [] }
    var numbers: [Int] = []
    for word in words {
      guard let number = Int(word), 1...max(count, 1) ~= number else {
        throw WrongAnswer(text: String(word))
      }
      if !numbers.contains(number) { numbers.append(number) }
    }
    if numbers.isEmpty { throw WrongAnswer(text: answer) }
    return numbers
  }

  /// Asks for the file of a new recovery key; nil if there is to be none.
  ///
  /// - Parameter accepts: says what is wrong with a file; nil if nothing is.
  func chooseRecoveryFile(
    default file: String, accepts: (String) -> String?
  ) throws(AgeError) -> String? {
    terminal.show(
      "A recovery key, kept where this machine is not, opens the secrets when its disk is gone.")
    while true {
      let answer = try ask(
        "A new file for it, such as on a USB stick, or none (Enter takes \(file)): ")
      if answer == "none" { return nil }
      let name = answer.isEmpty ? file : answer
      guard let flaw = accepts(name) else { return name }
      terminal.show("\(flaw.onOneLine).")
    }
  }

  private func ask(_ question: String) throws(AgeError) -> String {
    let answer = try terminal.ask(question, visible: true)
    let text = unsafe answer.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
