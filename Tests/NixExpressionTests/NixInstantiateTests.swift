import Foundation
import TestSupport
import Testing

@testable import NixExpression

/// An expression and what it should be.
private typealias Pair = (source: String, value: Data)

extension NixInstantiate {
  fileprivate static func answer(
    _ expression: String, _ options: [String] = ["--json"]
  ) throws -> (value: Data?, error: String) {
    try answer(expression, options, in: Vectors.directory)
  }

  /// The pairs that Nix sees differently: all at once, then halves of what is not the same.
  fileprivate static func differences(
    _ pairs: ArraySlice<Pair>, _ options: [String] = ["--json"]
  ) throws -> [String] {
    let isJSON = options.contains("--json")
    let all = "[\n" + pairs.map { "(\n\($0.source)\n)\n" }.joined() + "]"
    let (open, separator, close) = isJSON ? ("[", ",", "]") : ("[ ", " ", " ]\n")
    let expected =
      Data(open.utf8) + Data(pairs.map(\.value).joined(separator: separator.utf8))
      + Data(close.utf8)
    let (value, error) = try answer(all, options)
    if value == expected || pairs.isEmpty { return [] }
    guard pairs.count == 1, let pair = pairs.first else {
      let middle = pairs.startIndex + pairs.count / 2
      return try differences(pairs[..<middle], options) + differences(pairs[middle...], options)
    }
    let answer = value.map { String(decoding: $0, as: UTF8.self) } ?? "error: \(error)"
    return [
      "\(pair.source)\n  here: \(String(decoding: pair.value, as: UTF8.self))\n  Nix: \(answer)"
    ]
  }
}

@Suite(
  .enabled(
    if: NixInstantiate.path != nil, "nix-instantiate is not installed (Debian: nix-bin)"))
struct NixInstantiateTests {
  /// The recorded values of a file, asked of real Nix again.
  @Test(arguments: Vectors.names("", "cases") + Vectors.names("", "prints"))
  func answersAreStillIts(_ file: String) throws {
    let isJSON = file.hasSuffix(".cases")
    for half in try NixInstantiate.differences(recorded(file)[...], isJSON ? ["--json"] : []) {
      Issue.record("\(half)")
    }
  }

  private func recorded(_ file: String) -> [Pair] {
    (Vectors.cases + Vectors.prints).compactMap { vector in
      guard vector.file == file, case .value(let text) = vector.answer else { return nil }
      return (vector.text, Data(text.utf8))
    }
  }

  /// Random expressions, the same every time unless `SEED` says otherwise: as many as `COUNT` says. Both give the same
  /// values, as JSON and in the language's syntax, or the same error.
  @Test func generatedExpressionsAgree() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["COUNT"].flatMap(Int.init) ?? 400
    var generator = ExpressionGenerator(
      seed: environment["SEED"].flatMap(UInt64.init) ?? 20_260_101)
    var (values, failures) = (0, 0)
    for start in stride(from: 0, to: count, by: 200) {
      var (pairs, prints) = ([Pair](), [Pair]())
      for _ in start..<min(start + 200, count) {
        let source = generator.expression()
        switch Self.evaluate(source) {
        case .success(let (json, printed)):
          values += 1
          if let json { pairs.append((source, json)) }
          // Whether two places share a list of one or two elements Nix alone knows.
          if printed.range(of: Data("«repeated»".utf8)) == nil { prints.append((source, printed)) }
        case .failure(let error):
          failures += 1
          try compare(error, of: source)
        }
      }
      for difference in try NixInstantiate.differences(pairs[...]) { Issue.record("\(difference)") }
      for difference in try NixInstantiate.differences(prints[...], []) {
        Issue.record("\(difference)")
      }
    }
    print("real Nix gave the same \(values) values and \(failures) errors of random expressions")
    // Well-typed by construction, so most have a value; some raise an error on purpose.
    #expect(values > count * 8 / 10)
    #expect(failures > count / 100)
  }

  /// The value in both forms, as JSON only if there is no path in it: Nix would copy what is there.
  private static func evaluate(
    _ source: String
  ) -> Result<(json: Data?, printed: Data), NixError> {
    let evaluator = Evaluator(world: LocalWorld())
    do throws(NixError) {
      let value = try evaluator.evaluate(source: source)
      let json = try evaluator.jsonBytes(value)
      let hasPath = try holdsPath(value, evaluator)
      return .success((hasPath ? nil : Data(json), Data(try evaluator.printed(value))))
    } catch {
      return .failure(error)
    }
  }

  private static func holdsPath(_ value: Value, _ evaluator: Evaluator) throws(NixError) -> Bool {
    switch try evaluator.type(of: value) {
    case .path: return true
    case .list:
      for element in try evaluator.list(value) where try holdsPath(element, evaluator) {
        return true
      }
    case .set:
      for (_, element) in try evaluator.attributes(value) where try holdsPath(element, evaluator) {
        return true
      }
    default: break
    }
    return false
  }

  private func compare(_ error: NixError, of source: String) throws {
    let (value, message) = try NixInstantiate.answer(source)
    if let value {
      Issue.record("\(source)\n  here: \(error)\n  Nix: \(String(decoding: value, as: UTF8.self))")
    } else if VectorTests.comparable(error.message) != VectorTests.comparable(message) {
      Issue.record("\(source)\n  here: \(error)\n  Nix: error: \(message)")
    }
  }
}
