import Foundation

/// The cases below `Vectors/lib`: expressions that see `lib`, and what nixpkgs' lib makes of them.
enum Vectors {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let directory = root.appending(path: "Vectors/lib")

  struct Case: Sendable {
    enum Answer: Sendable {
      /// As JSON.
      case value(String)
      /// The name of a code, and the message: all of it, its beginning if it ends in `*`, or anything if it is empty.
      case error(kind: String, message: String)
    }

    let file: String
    let line: Int
    let text: String
    let answer: Answer

    var description: String { "\(file):\(line): \(text)" }
  }

  static let files: [String] = {
    let all = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
    return (all ?? []).filter { $0.hasSuffix(".cases") }.sorted()
  }()

  static let cases = files.flatMap(read)

  /// Reads a file of cases: an expression of one or more lines, then a line `=> ANSWER`.
  private static func read(_ file: String) -> [Case] {
    let url = directory.appending(path: file)
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
    var (cases, lines, start) = ([Case](), [Substring](), 0)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if !lines.isEmpty, line.hasPrefix("=> ") {
        cases.append(
          Case(
            file: file, line: start, text: lines.joined(separator: "\n"),
            answer: answer(String(line.dropFirst(3)))))
        lines = []
      } else if !lines.isEmpty || !(line.isEmpty || line.hasPrefix("#")) {
        if lines.isEmpty { start = index + 1 }
        lines.append(line)
      }
    }
    return cases
  }

  private static func answer(_ text: String) -> Case.Answer {
    let here = text.replacing("@HERE@", with: directory.path)
    let parts = here.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.first == "error", parts.count >= 3 else { return .value(here) }
    return .error(
      kind: String(parts[1]),
      message: parts.count > 3 ? String(parts[3].replacing("\\n", with: "\n")) : "")
  }
}
