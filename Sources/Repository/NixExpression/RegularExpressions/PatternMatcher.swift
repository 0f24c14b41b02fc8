/// Looks for the matches of a pattern in a text, as Nix's library finds them, in time that grows with the product of
/// their lengths.
///
/// The library goes every way through a pattern, one after the other, and takes the longest match; of equal ones the
/// first. Where a loop led to a match with one more turn it is not tried without. What was tried from a step at a place
/// is known here and not tried again, and what is still to be tried is on a stack of its own.
struct PatternMatcher {
  /// What to go back to.
  private enum Frame {
    case open(Int, Int)
    case close(Int, Int)
    /// The other way of an alternative.
    case second(Int, Int, UInt64)
    /// Both ways of an alternative were tried.
    case either(Bool)
    /// What comes after a loop.
    case exit(Int, Int, UInt64)
    /// What comes after a run that began at one place and is at another, with the context at its beginning.
    case runExit(step: Int, from: Int, at: Int, UInt64)
    case outcome(Int, Int, UInt64)
  }

  private struct Key: Hashable {
    let branch: Int
    let position: Int
    let context: UInt64
  }

  /// What a search may use, in steps and in bytes of what it keeps in mind.
  struct Limits {
    let work: Int
    let bytes: Int
  }

  /// Which of its limits a search passed.
  enum Exhausted: Error {
    case steps
    case memory
  }

  private let program: PatternProgram
  private let text: [UInt8]
  private let limits: Limits
  private(set) var work = 0
  private var frames: [Frame] = []
  private var starts: [Int]
  private var ends: [Int]
  /// Two bits for each branch at each place: whether it was tried, and whether a match was found.
  private var tried: [UInt64]
  private var found: [UInt64]
  private var touched: [Int] = []
  private var outcomes: [Key: Bool] = [:]
  /// Where the next search begins, nil after the last match, and whether the match before it was of nothing.
  private var next: Int? = 0
  private var wasEmpty = false
  private var matches = 0
  private var best: (end: Int, groups: [Range<Int>?])?

  init(_ program: PatternProgram, _ text: [UInt8], _ limits: Limits) {
    self.program = program
    self.text = text
    self.limits = limits
    starts = [Int](repeating: -1, count: program.groups + 1)
    ends = starts
    tried = [UInt64](
      repeating: 0, count: (program.branches * (text.count + 1) + 63) / 64)
    found = tried
  }

  /// How many bytes a matcher takes beside its text.
  static func size(_ program: PatternProgram, _ count: Int) -> Int {
    let (size, overflow) = program.branches.multipliedReportingOverflow(by: count + 1)
    return overflow ? .max : size / 4
  }

  /// The groups of a match of the whole text.
  mutating func matchWhole() throws(Exhausted) -> [Range<Int>?]? {
    try match(from: 0, wholeOnly: true)
  }

  /// The leftmost match after those that were found so far.
  mutating func searchNext() throws(Exhausted) -> [Range<Int>?]? {
    guard let start = next else { return nil }
    if wasEmpty {
      // After a match of nothing: one of something that begins there too, else one that begins later.
      if start == text.count { return nil }
      if let groups = try match(from: start, nonEmpty: true) { return remember(groups) }
    }
    for begin in (wasEmpty ? start + 1 : start)..<(text.count + 1) {
      if let first = program.first {
        // Most places are none where a match can begin.
        work += 1
        guard begin < text.count, first.contains(text[begin]) else { continue }
      }
      if let groups = try match(from: begin) { return remember(groups) }
    }
    next = nil
    return nil
  }

  private mutating func remember(_ groups: [Range<Int>?]) -> [Range<Int>?] {
    next = groups[0]?.upperBound
    wasEmpty = groups[0]?.isEmpty == true
    matches += 1
    return groups
  }

  private mutating func match(
    from begin: Int, wholeOnly: Bool = false, nonEmpty: Bool = false
  ) throws(Exhausted) -> [Range<Int>?]? {
    best = nil
    try explore(from: begin, wholeOnly: wholeOnly, nonEmpty: nonEmpty)
    // Where nothing was found nothing will be; but of what was found another search wants the ends again.
    if best != nil || nonEmpty {
      for word in touched { (tried[word], found[word]) = (0, 0) }
      touched.removeAll(keepingCapacity: true)
      outcomes.removeAll()
    }
    guard let best else { return nil }
    var groups = best.groups
    groups[0] = begin..<best.end
    return groups
  }

  // MARK: Trying

  private mutating func explore(
    from begin: Int, wholeOnly: Bool, nonEmpty: Bool
  ) throws(Exhausted) {
    var (step, position, context) = (program.start, begin, UInt64(0))
    while true {
      work += 1
      guard work <= limits.work else { throw .steps }
      guard
        (frames.count + outcomes.count) * 64 + matches * (40 + 24 * starts.count) <= limits.bytes
      else { throw .memory }
      var succeeded = false
      switch program.steps[step] {
      case .byte(let set, let next):
        if position < text.count, set.contains(text[position]) {
          (step, position, context) = (next, position + 1, 0)
          continue
        }
      case .open(let group, let next):
        frames.append(.open(group, starts[group]))
        starts[group] = position
        step = next
        continue
      case .close(let group, let next):
        frames.append(.close(group, ends[group]))
        ends[group] = position
        step = next
        continue
      case .lineBegin(let next):
        if position == 0 {
          step = next
          continue
        }
      case .lineEnd(let next):
        if position == text.count {
          step = next
          continue
        }
      case .alternative(let first, let other, let branch):
        if let known = outcome(branch, position, context) {
          succeeded = known
          break
        }
        begins(branch, position, context)
        frames.append(.second(other, position, context))
        step = first
        continue
      case .loop(let body, let next, let branch, let number):
        if let known = outcome(branch, position, context) {
          succeeded = known
          break
        }
        begins(branch, position, context)
        guard let number else {
          frames.append(.exit(next, position, context))
          step = body
          continue
        }
        // What matches nothing may do it twice at one place. Numbers beyond 31 share their count.
        let shift = UInt64(2 * min(number, 31))
        guard context >> shift & 3 < 2 else {
          step = next
          continue
        }
        frames.append(.exit(next, position, context))
        context += 1 << shift
        step = body
        continue
      case .run(let set, let next, let branch):
        if let known = outcome(branch, position, context) {
          succeeded = known
          break
        }
        let (end, known) = run(set, branch, from: position, context)
        if known {
          succeeded = true
          settle(branch, from: position, to: end, context)
          break
        }
        frames.append(.runExit(step: step, from: position, at: end, context))
        if end > position { context = 0 }
        (step, position) = (next, end)
        continue
      case .accept:
        succeeded =
          (!wholeOnly || position == text.count) && !(nonEmpty && position == begin)
        if succeeded, best.map({ $0.end < position }) ?? true { keep(position) }
      }
      guard let next = backtrack(&succeeded) else { return }
      (step, position, context) = next
    }
  }

  private mutating func keep(_ end: Int) {
    best = (
      end,
      starts.indices.map { ends[$0] < 0 ? nil : starts[$0]..<ends[$0] }
    )
  }

  /// Goes back to where there is something left to try; nil if that is nowhere.
  private mutating func backtrack(_ succeeded: inout Bool) -> (Int, Int, UInt64)? {
    while let frame = frames.popLast() {
      switch frame {
      case .open(let group, let old): starts[group] = old
      case .close(let group, let old): ends[group] = old
      case .second(let step, let position, let context):
        frames.append(.either(succeeded))
        succeeded = false
        return (step, position, context)
      case .either(let first): succeeded = succeeded || first
      case .exit(let step, let position, let context):
        if !succeeded { return (step, position, context) }
      case .runExit(let step, let from, let at, let context):
        guard case .run(_, let next, let branch) = program.steps[step] else { continue }
        if succeeded {
          settle(branch, from: from, to: at, context)
        } else if at > from {
          frames.append(.runExit(step: step, from: from, at: at - 1, context))
          return (next, at - 1, at - 1 > from ? 0 : context)
        }
      case .outcome(let branch, let position, let context):
        if succeeded { settle(branch, from: position, to: position, context) }
      }
    }
    return nil
  }

  // MARK: What is known

  /// Whether a match was found from a branch at a place; nil if it was not tried yet.
  private func outcome(_ branch: Int, _ position: Int, _ context: UInt64) -> Bool? {
    if context != 0 {
      return outcomes[Key(branch: branch, position: position, context: context)]
    }
    let bit = branch * (text.count + 1) + position
    guard tried[bit >> 6] >> UInt64(bit & 63) & 1 != 0 else { return nil }
    return found[bit >> 6] >> UInt64(bit & 63) & 1 != 0
  }

  private mutating func mark(_ branch: Int, _ position: Int, _ context: UInt64) {
    if context != 0 {
      outcomes[Key(branch: branch, position: position, context: context)] = false
      return
    }
    let bit = branch * (text.count + 1) + position
    if tried[bit >> 6] == 0 { touched.append(bit >> 6) }
    tried[bit >> 6] |= 1 << UInt64(bit & 63)
  }

  private mutating func begins(_ branch: Int, _ position: Int, _ context: UInt64) {
    mark(branch, position, context)
    frames.append(.outcome(branch, position, context))
  }

  /// Notes that a match was found from a branch at some places; the context is that of the first.
  private mutating func settle(_ branch: Int, from: Int, to: Int, _ context: UInt64) {
    for position in from...to {
      if position == from, context != 0 {
        outcomes[Key(branch: branch, position: position, context: context)] = true
      } else {
        let bit = branch * (text.count + 1) + position
        found[bit >> 6] |= 1 << UInt64(bit & 63)
      }
    }
  }

  /// Goes on while bytes are in a set and what follows was not tried: where it ends, and whether a match is known there.
  private mutating func run(
    _ set: ByteSet, _ branch: Int, from start: Int, _ context: UInt64
  ) -> (end: Int, known: Bool) {
    mark(branch, start, context)
    var end = start
    while end < text.count, set.contains(text[end]) {
      if let known = outcome(branch, end + 1, 0) { return (end, known) }
      end += 1
      mark(branch, end, 0)
    }
    work += (end - start) / 8
    return (end, false)
  }
}
