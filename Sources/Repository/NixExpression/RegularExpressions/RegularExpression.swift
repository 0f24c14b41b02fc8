/// A POSIX extended regular expression, as Nix takes it.
final class RegularExpression {
  /// Longer patterns are refused, because they are read recursively.
  static let maximumLength = 16 << 10

  let program: PatternProgram

  /// - Throws: `NixError` with the code `.argument` if it is invalid, `.limit` if it is too large.
  init(_ pattern: [UInt8]) throws(NixError) {
    guard pattern.count <= Self.maximumLength else {
      throw NixError(
        .limit, "a regular expression is longer than \(Self.maximumLength) bytes")
    }
    var parser = PatternParser(pattern)
    let tree = try parser.parse()
    do throws(PatternProgram.TooLarge) {
      program = try PatternProgram(tree, groups: parser.groups)
    } catch {
      let text = String(decoding: pattern, as: UTF8.self)
      throw NixError(.limit, "memory limit exceeded by regular expression '\(text)'")
    }
  }
}

/// Regular expressions that were compiled, by pattern.
struct RegularExpressionCache {
  private static let capacity = 256
  private var expressions: [[UInt8]: RegularExpression] = [:]

  subscript(pattern: [UInt8]) -> RegularExpression? {
    get { expressions[pattern] }
    set {
      if expressions.count >= Self.capacity { expressions = [:] }
      expressions[pattern] = newValue
    }
  }
}

extension Evaluator {
  /// How many steps of a pattern count as one of evaluation.
  private static var stepsOfPattern: Int { 8 }

  /// Runs a matcher of a pattern on a text; what it does counts as steps of evaluation.
  func matching<Result>(
    _ expression: RegularExpression, _ text: [UInt8], at position: Position,
    _ body: (inout PatternMatcher) throws(PatternMatcher.Exhausted) -> Result
  ) throws(NixError) -> Result {
    try check(memoryFor: PatternMatcher.size(expression.program, text.count), each: 1)
    let (work, overflow) = remainingSteps.multipliedReportingOverflow(by: Self.stepsOfPattern)
    var matcher = PatternMatcher(
      expression.program, text,
      PatternMatcher.Limits(work: overflow ? .max : work, bytes: limits.memory - heap.bytes))
    let result: Result
    do throws(PatternMatcher.Exhausted) {
      result = try body(&matcher)
    } catch {
      throw exhausted(error == .steps ? .steps : .memory, at: position)
    }
    try spend(matcher.work / Self.stepsOfPattern, at: position)
    return result
  }

  func regularExpression(
    _ pattern: Value, at position: Position
  ) throws(NixError) -> RegularExpression {
    let pattern = try stringValue(pattern, at: position)
    if let known = regularExpressions[pattern] { return known }
    do throws(NixError) {
      let expression = try RegularExpression(pattern)
      regularExpressions[pattern] = expression
      return expression
    } catch {
      error.locate(sources.place(position))
      throw error
    }
  }
}
