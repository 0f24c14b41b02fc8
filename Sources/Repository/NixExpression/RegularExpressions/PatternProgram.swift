/// A pattern as the steps of a matcher, each with what comes after it.
struct PatternProgram {
  enum Step {
    case byte(ByteSet, next: Int)
    /// As many bytes as there are, then fewer.
    case run(ByteSet, next: Int, branch: Int)
    case open(Int, next: Int)
    case close(Int, next: Int)
    case lineBegin(next: Int)
    case lineEnd(next: Int)
    /// The first way, then also the other.
    case alternative(Int, Int, branch: Int)
    /// The body, which comes back here, else what comes next. A body that may match nothing has a number.
    case loop(body: Int, next: Int, branch: Int, number: Int?)
    case accept
  }

  /// More than `maximumSteps`.
  struct TooLarge: Error {}

  /// As many as the C++ library takes, which writes repetitions out too.
  static let maximumSteps = 99_990

  private(set) var steps: [Step] = [.accept]
  private(set) var start = 0
  /// How many steps lead on in more than one way.
  private(set) var branches = 0
  let groups: Int
  /// Which bytes a match begins with; nil if it may be empty.
  private(set) var first: ByteSet?
  private var loops = 0

  init(_ pattern: Pattern, groups: Int) throws(TooLarge) {
    self.groups = groups
    start = try compile(pattern, next: 0)
    if !pattern.isNullable {
      var set = ByteSet()
      Self.addFirst(of: pattern, to: &set)
      first = set
    }
  }

  private mutating func add(_ step: Step) throws(TooLarge) -> Int {
    guard steps.count < Self.maximumSteps else { throw TooLarge() }
    steps.append(step)
    return steps.count - 1
  }

  private mutating func branch() -> Int {
    defer { branches += 1 }
    return branches
  }

  /// Adds the steps of a pattern before the step `next`, and returns the first of them.
  private mutating func compile(_ pattern: Pattern, next: Int) throws(TooLarge) -> Int {
    switch pattern {
    case .empty: return next
    case .byte(let set): return try add(.byte(set, next: next))
    case .lineBegin: return try add(.lineBegin(next: next))
    case .lineEnd: return try add(.lineEnd(next: next))
    case .group(let number, let body):
      let close = try add(.close(number, next: next))
      return try add(.open(number, next: try compile(body, next: close)))
    case .sequence(let parts):
      var next = next
      for part in parts.reversed() { next = try compile(part, next: next) }
      return next
    case .alternatives(let parts):
      var first = try compile(parts[0], next: next)
      for part in parts.dropFirst() {
        let other = try compile(part, next: next)
        first = try add(.alternative(first, other, branch: branch()))
      }
      return first
    case .oneOrMore(.byte(let set)):
      return try add(.byte(set, next: try add(.run(set, next: next, branch: branch()))))
    case .oneOrMore(let body):
      let again = try add(.accept)
      let first = try compile(body, next: again)
      steps[again] = loop(first, next: next, body)
      return first
    case .repeated(let body, let least, let most):
      return try compile(body, least: least, most: most, next: next)
    }
  }

  private mutating func compile(
    _ body: Pattern, least: Int, most: Int?, next: Int
  ) throws(TooLarge) -> Int {
    var first = next
    if let most {
      // Each further time only after the one before; without it, at once to what comes after all.
      for _ in least..<most {
        let step = try compile(body, next: first)
        first = try add(loop(step, next: next, body))
      }
    } else if case .byte(let set) = body {
      first = try add(.run(set, next: next, branch: branch()))
    } else {
      first = try add(.accept)
      steps[first] = loop(try compile(body, next: first), next: next, body)
    }
    for _ in 0..<least { first = try compile(body, next: first) }
    return first
  }

  private mutating func loop(_ step: Int, next: Int, _ body: Pattern) -> Step {
    var number: Int?
    if body.isNullable {
      number = loops
      loops += 1
    }
    return .loop(body: step, next: next, branch: branch(), number: number)
  }

  /// Adds the bytes that what a pattern matches begins with, if it matches any.
  private static func addFirst(of pattern: Pattern, to set: inout ByteSet) {
    switch pattern {
    case .empty, .lineBegin, .lineEnd: break
    case .byte(let bytes): set.formUnion(bytes)
    case .group(_, let body), .oneOrMore(let body), .repeated(let body, _, _):
      addFirst(of: body, to: &set)
    case .alternatives(let parts):
      for part in parts { addFirst(of: part, to: &set) }
    case .sequence(let parts):
      for part in parts {
        addFirst(of: part, to: &set)
        if !part.isNullable { return }
      }
    }
  }
}
