import Foundation

@testable import NixExpression

/// The cases below `Vectors/nix`, which `Vectors/make-nix` had real Nix answer.
enum Vectors {
  static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Vectors/nix")

  /// An expression and what Nix makes of it.
  struct Case: Sendable {
    enum Answer: Sendable, Equatable {
      case value(String)
      case error(kind: String, place: String, message: String)
    }

    let file: String
    let line: Int
    let source: [UInt8]
    let answer: Answer

    var text: String { String(decoding: source, as: UTF8.self) }
    var testDescription: String { "\(file):\(line)" }
  }

  /// The cases that Nix answered with JSON, those that it answered in its own syntax, and those of later versions.
  static let cases: [Case] = names("", "cases").flatMap(read)
  static let prints: [Case] = names("", "prints").flatMap(read)
  static let later: [Case] = names("later", "cases").flatMap { read("later/\($0)") }

  static func names(_ folder: String, _ suffix: String) -> [String] {
    let all = try? FileManager.default.contentsOfDirectory(
      atPath: directory.appending(path: folder).path)
    return (all ?? []).filter { $0.hasSuffix(".\(suffix)") }.sorted()
  }

  /// Reads a file of cases: an expression of one or more lines, then a line `=> ANSWER`.
  private static func read(_ file: String) -> [Case] {
    guard let bytes = try? Data(contentsOf: directory.appending(path: file)) else { return [] }
    var (cases, lines, start) = ([Case](), [ArraySlice<UInt8>](), 0)
    let all = Array(bytes).split(separator: 0x0a, omittingEmptySubsequences: false)
    for (index, line) in all.enumerated() {
      if !lines.isEmpty, line.starts(with: "=> ".utf8) {
        let answer = String(decoding: line.dropFirst(3), as: UTF8.self)
        let source = Array(lines.joined(separator: [0x0a]))
        cases.append(Case(file: file, line: start, source: source, answer: parse(answer)))
        lines = []
      } else if !lines.isEmpty || !(line.isEmpty || line.first == UInt8(ascii: "#")) {
        if lines.isEmpty { start = index + 1 }
        lines.append(line)
      }
    }
    return cases
  }

  private static func parse(_ answer: String) -> Case.Answer {
    let parts = answer.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.first == "error", parts.count >= 3 else { return .value(answer) }
    return .error(
      kind: String(parts[1]), place: String(parts[2]),
      message: parts.count > 3 ? String(parts[3]) : "")
  }
}
