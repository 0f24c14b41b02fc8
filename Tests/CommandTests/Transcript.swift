import Foundation
import Testing

/// A session at a shell, as a file below `Vectors/commands` writes it down.
///
///     # a comment
///     $ command run by bash
///     what it writes to standard output
///     ! what it writes to standard error
///     ? its exit status, where it is not 0
///     % command run by bash on a terminal of its own, whose output follows
///     > what is typed at a question of that command, and Enter
///
/// A transcript whose first line is `# needs root` mounts, or gives files away. Where it is `# as age`, this program is
/// called `age`.
///
/// In what is typed, `^C` stands for Control-C and so on; a line that ends with it is typed without Enter. A question
/// that the program takes away again ends with `{gone}`.
/// `{any}` stands for any text within a line, `{dir}` for the session's folder. An expectation that
/// cannot stand in such a file, such as a mode or an absence, is a command too (`stat`, `ls`).
struct Transcript: CustomTestStringConvertible {
  struct Step {
    let line: Int
    let command: String
    let onTerminal: Bool
    var output: [String] = []
    var errors: [String] = []
    var status: Int32 = 0
    var typed: [String] = []
  }

  let name: String
  let needsRoot: Bool
  let asAge: Bool
  var steps: [Step] = []

  var testDescription: String { name }

  init(contentsOf file: URL) throws {
    name = file.deletingPathExtension().lastPathComponent
    let lines = try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    needsRoot = lines.first == "# needs root"
    asAge = lines.first == "# as age"
    for (index, line) in lines.enumerated() {
      let rest = String(line.dropFirst(2))
      switch line.prefix(2) {
      case "# ", "#": continue
      case "$ ", "% ":
        steps.append(Step(line: index + 1, command: rest, onTerminal: line.hasPrefix("%")))
      case "! ": try last(line) { $0.errors.append(rest) }
      case "> ": try last(line) { $0.typed.append(keys(rest)) }
      case "? ": try last(line) { $0.status = Int32(rest) ?? -1 }
      case "" where index == lines.count - 1: continue
      default: try last(line) { $0.output.append(String(line)) }
      }
    }
  }

  private mutating func last(_ line: Substring, _ change: (inout Step) -> Void) throws {
    guard !steps.isEmpty else { throw Malformed(line: String(line)) }
    change(&steps[steps.count - 1])
  }

  struct Malformed: Error {
    let line: String
  }

  /// Every transcript of the project.
  static func all() throws -> [Transcript] {
    let folder = projectFolder.appending(path: "Vectors/commands")
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "transcript" }
      .sorted { $0.path < $1.path }
      .map(Transcript.init(contentsOf:))
  }
}

let projectFolder = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// What a terminal sends for a line of a transcript.
func keys(_ line: String) -> String {
  var text = ""
  var rest = line[...]
  var endsWithControl = false
  while let character = rest.popFirst() {
    endsWithControl = character == "^" && !rest.isEmpty
    guard endsWithControl, let key = rest.popFirst()?.asciiValue else {
      text.append(character)
      continue
    }
    // Control clears the bits 0x60 of a letter; Control-? is the backspace key.
    text.unicodeScalars.append(Unicode.Scalar(key == UInt8(ascii: "?") ? 0x7f : key & 0x1f))
  }
  return endsWithControl && !line.hasSuffix("^?") ? text : text + "\r"
}

/// Whether a line is what a transcript expects; `{any}` stands for any text.
func matches(_ line: String, _ expected: String) -> Bool {
  let parts = expected.components(separatedBy: "{any}")
  guard parts.count > 1 else { return line == expected }
  guard line.hasPrefix(parts[0]) else { return false }
  var rest = line.dropFirst(parts[0].count)
  for part in parts.dropFirst().dropLast() {
    guard let range = rest.range(of: part) else { return false }
    rest = rest[range.upperBound...]
  }
  return rest.hasSuffix(parts[parts.count - 1])
}
