import Foundation
import NixExpression

/// The cases below `Vectors/configuration`: what nixpkgs' module system makes of modules.
enum ModuleSystemCases {
  static let project = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let directory = project.appending(path: "Vectors/configuration")
  static let library = project.appending(path: "Sources/Repository/NixLibrary/nixpkgs/lib")

  /// An expression, and its value as JSON or the kind of its error with what the message says, in this order.
  struct Case: Sendable {
    enum Answer: Sendable, Equatable {
      case value(String)
      case error(kind: String, parts: [String])
    }

    let place: String
    let text: String
    let answer: Answer

    /// The expression with the names that `prelude.nix` has.
    var source: String {
      "with import \(directory.path)/prelude.nix (import \(library.path)); (\n\(text)\n)"
    }
  }

  static let files: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
    .filter { $0.hasSuffix(".cases") }.sorted()

  static let all: [Case] = files.flatMap(cases)

  /// Reads a file of cases: an expression of one or more lines, then a line `=> ANSWER`.
  static func cases(_ file: String) -> [Case] {
    guard let text = try? String(contentsOf: directory.appending(path: file), encoding: .utf8)
    else { return [] }
    var (cases, lines, start) = ([Case](), [Substring](), 0)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if !lines.isEmpty, line.hasPrefix("=> ") {
        cases.append(
          Case(
            place: "\(file):\(start)", text: lines.joined(separator: "\n"),
            answer: answer(String(line.dropFirst(3)).replacing("@HERE@", with: directory.path))))
        lines = []
      } else if !lines.isEmpty || !(line.isEmpty || line.hasPrefix("#")) {
        if lines.isEmpty { start = index + 1 }
        lines.append(line)
      }
    }
    return cases
  }

  private static func answer(_ text: String) -> Case.Answer {
    guard text.hasPrefix("error ") else { return .value(text) }
    let words = text.dropFirst(6).split(separator: " ", maxSplits: 1)
    let message = words.count > 1 && words[1] != "-" ? String(words[1]) : ""
    return .error(
      kind: String(words[0]), parts: message.isEmpty ? [] : message.components(separatedBy: " … "))
  }
}

/// The machine's files, and nothing else.
struct DiskWorld: EvaluationWorld {
  var currentDirectory: String { ModuleSystemCases.directory.path }

  func readFile(_ path: String) throws(NixError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw NixError(.io, "opening file '\(path)': No such file or directory")
    }
    return Array(data)
  }

  func kind(of path: String) throws(NixError) -> FileKind? {
    switch try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType {
    case .typeDirectory: .directory
    case .typeRegular: .regular
    default: nil
    }
  }
}
