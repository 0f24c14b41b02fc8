import Glibc

/// A POSIX extended regular expression, compiled by the C library.
@safe final class RegularExpression {
  /// Longer patterns are refused, because the C library compiles them recursively.
  static let maximumLength = 16 << 10

  /// The C library writes repetitions out: `(a{200}){200}` is 40,000 characters to it.
  static let maximumSize = 50_000

  /// How many characters the pattern is with its repetitions written out.
  let size: Int
  private var expression = unsafe regex_t()

  init(_ pattern: [UInt8]) throws(NixError) {
    let written = String(decoding: pattern, as: UTF8.self)
    guard pattern.count <= Self.maximumLength else {
      throw NixError(
        .limit, "a regular expression is longer than \(Self.maximumLength) bytes")
    }
    var check = PatternCheck(pattern)
    guard check.isStrict() else {
      throw NixError(.argument, "invalid regular expression '\(written)'")
    }
    guard check.size <= Self.maximumSize else {
      throw NixError(
        .limit, "a regular expression repeats more than \(Self.maximumSize) characters")
    }
    size = check.size
    let text = pattern.map { CChar(bitPattern: $0) } + [0]
    guard unsafe regcomp(&expression, text, REG_EXTENDED) == 0 else {
      throw NixError(.argument, "invalid regular expression '\(written)'")
    }
  }

  deinit { unsafe regfree(&expression) }

  /// What looking through so many bytes may take, in steps of evaluation.
  ///
  /// The C library tries the pattern at every place and may read from each to the end; a step of
  /// evaluation takes as long as it needs for some 64 bytes.
  func steps(for count: Int) -> Int {
    let (steps, overflow) = count.multipliedReportingOverflow(by: max(1, size, count / 64))
    return overflow ? .max : steps
  }

  /// The groups of a match of the whole text: the longest match from its beginning is the whole, if any is.
  func match(_ text: [UInt8]) -> [Range<Int>?]? {
    guard let groups = search(text, from: 0), groups[0] == 0..<text.count else { return nil }
    return groups
  }

  /// The leftmost longest match from a place on: the range of the whole and of each group that took part.
  func search(_ text: [UInt8], from start: Int) -> [Range<Int>?]? {
    let count = unsafe Int(expression.re_nsub) + 1
    var matches = [regmatch_t](repeating: regmatch_t(), count: count)
    matches[0].rm_so = regoff_t(start)
    matches[0].rm_eo = regoff_t(text.count)
    let flags = REG_STARTEND | (start > 0 ? REG_NOTBOL : 0)
    // An empty array may have no address, which the C library needs all the same.
    let subject = text.isEmpty ? [0] : text
    let status = unsafe subject.withUnsafeBytes { bytes in
      unsafe regexec(
        &expression, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), matches.count,
        &matches, flags)
    }
    guard status == 0 else { return nil }
    return matches.map { $0.rm_so < 0 || $0.rm_eo < $0.rm_so ? nil : Int($0.rm_so)..<Int($0.rm_eo) }
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
