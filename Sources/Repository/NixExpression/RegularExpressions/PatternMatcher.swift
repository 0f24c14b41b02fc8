/// Looks for the matches of a pattern in a text, as Nix's library finds them, in time that grows with the product of
/// their lengths.
///
/// The library goes every way through a pattern, one after the other, and takes the longest match; of equal ones the
/// first. Where a loop led to a match with one more turn it is not tried without. What was tried from a step at a place
/// is known here and not tried again, and what is still to be tried is on a stack of its own.
struct PatternMatcher {
  /// A step of the pattern at a place in the text.
  private struct Place {
    var step: Int
    var position: Int
    /// How often each loop turned here without taking anything: two bits for each.
    var context: UInt64

    /// Another step at the same place.
    func at(_ step: Int) -> Place { Place(step: step, position: position, context: context) }

    /// Another step here or further on, where no loop turned yet.
    func at(_ step: Int, position other: Int) -> Place {
      Place(step: step, position: other, context: other == position ? context : 0)
    }
  }

  /// What to go back to.
  private enum Frame {
    case open(Int, Int)
    case close(Int, Int)
    /// The other way of an alternative.
    case second(Place)
    /// Both ways of an alternative were tried.
    case either(Bool)
    /// What comes after a loop.
    case exit(Place)
    /// What comes after a run that began at one place and is at another.
    case runExit(Place, at: Int)
    case outcome(Int, Place)
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
    var place = Place(step: program.start, position: begin, context: 0)
    while true {
      work += 1
      guard work <= limits.work else { throw .steps }
      let kept = (frames.count + outcomes.count) * 64 + matches * (40 + 24 * starts.count)
      guard kept <= limits.bytes else { throw .memory }
      var succeeded: Bool?
      if case .accept = program.steps[place.step] {
        let end = place.position
        succeeded = (!wholeOnly || end == text.count) && !(nonEmpty && end == begin)
        if succeeded == true, best.map({ $0.end < end }) ?? true { keep(end) }
      } else {
        succeeded = advance(&place)
      }
      guard let succeeded else { continue }
      guard let next = backtrack(succeeded) else { return }
      place = next
    }
  }

  /// Takes one step; whether a match is found from it if that is known, else nil, and the place is the next one.
  private mutating func advance(_ place: inout Place) -> Bool? {
    let position = place.position
    switch program.steps[place.step] {
    case .byte(let set, let next):
      guard position < text.count, set.contains(text[position]) else { return false }
      place = Place(step: next, position: position + 1, context: 0)
    case .open(let group, let next):
      frames.append(.open(group, starts[group]))
      starts[group] = position
      place.step = next
    case .close(let group, let next):
      frames.append(.close(group, ends[group]))
      ends[group] = position
      place.step = next
    case .lineBegin(let next):
      guard position == 0 else { return false }
      place.step = next
    case .lineEnd(let next):
      guard position == text.count else { return false }
      place.step = next
    case .alternative(let first, let other, let branch):
      if let known = outcome(branch, place) { return known }
      begin(branch, at: place)
      frames.append(.second(place.at(other)))
      place.step = first
    case .loop(let body, let next, let branch, let number):
      if let known = outcome(branch, place) { return known }
      begin(branch, at: place)
      enterLoop(body, next, number, &place)
    case .run(let set, let next, let branch):
      if let known = outcome(branch, place) { return known }
      return enterRun(set, next, branch, &place)
    case .accept: return true
    }
    return nil
  }

  private mutating func enterLoop(_ body: Int, _ next: Int, _ number: Int?, _ place: inout Place) {
    guard let number else {
      frames.append(.exit(place.at(next)))
      place.step = body
      return
    }
    // What matches nothing may do it twice at one place. Numbers beyond 31 share their count.
    let shift = UInt64(2 * min(number, 31))
    guard place.context >> shift & 3 < 2 else {
      place.step = next
      return
    }
    frames.append(.exit(place.at(next)))
    place.context += 1 << shift
    place.step = body
  }

  /// Goes on while bytes are in a set and what follows was not tried.
  private mutating func enterRun(
    _ set: ByteSet, _ next: Int, _ branch: Int, _ place: inout Place
  ) -> Bool? {
    let start = place
    mark(branch, start)
    var end = start.position
    while end < text.count, set.contains(text[end]) {
      if let known = outcome(branch, Place(step: start.step, position: end + 1, context: 0)) {
        guard known else { break }
        settle(branch, from: start, to: end)
        return true
      }
      end += 1
      mark(branch, Place(step: start.step, position: end, context: 0))
    }
    work += (end - start.position) / 8
    frames.append(.runExit(start, at: end))
    place = start.at(next, position: end)
    return nil
  }

  private mutating func keep(_ end: Int) {
    best = (
      end,
      starts.indices.map { ends[$0] < 0 ? nil : starts[$0]..<ends[$0] }
    )
  }

  /// Goes back to where there is something left to try; nil if that is nowhere.
  private mutating func backtrack(_ outcome: Bool) -> Place? {
    var succeeded = outcome
    while let frame = frames.popLast() {
      switch frame {
      case .open(let group, let old): starts[group] = old
      case .close(let group, let old): ends[group] = old
      case .second(let place):
        frames.append(.either(succeeded))
        return place
      case .either(let first): succeeded = succeeded || first
      case .exit(let place):
        if !succeeded { return place }
      case .runExit(let start, let at):
        guard case .run(_, let next, let branch) = program.steps[start.step] else { continue }
        if succeeded {
          settle(branch, from: start, to: at)
        } else if at > start.position {
          frames.append(.runExit(start, at: at - 1))
          return start.at(next, position: at - 1)
        }
      case .outcome(let branch, let place):
        if succeeded { settle(branch, from: place, to: place.position) }
      }
    }
    return nil
  }

  // MARK: What is known

  /// Whether a match was found from a branch at a place; nil if it was not tried yet.
  private func outcome(_ branch: Int, _ place: Place) -> Bool? {
    if place.context != 0 {
      return outcomes[
        Key(branch: branch, position: place.position, context: place.context)]
    }
    let bit = branch * (text.count + 1) + place.position
    guard tried[bit >> 6] >> UInt64(bit & 63) & 1 != 0 else { return nil }
    return found[bit >> 6] >> UInt64(bit & 63) & 1 != 0
  }

  /// Notes that a branch is tried at a place.
  private mutating func mark(_ branch: Int, _ place: Place) {
    if place.context != 0 {
      outcomes[Key(branch: branch, position: place.position, context: place.context)] = false
      return
    }
    let bit = branch * (text.count + 1) + place.position
    if tried[bit >> 6] == 0 { touched.append(bit >> 6) }
    tried[bit >> 6] |= 1 << UInt64(bit & 63)
  }

  private mutating func begin(_ branch: Int, at place: Place) {
    mark(branch, place)
    frames.append(.outcome(branch, place))
  }

  /// Notes that a match was found from a branch at a place and at those after it, up to one.
  private mutating func settle(_ branch: Int, from place: Place, to end: Int) {
    for position in place.position...end {
      if position == place.position, place.context != 0 {
        outcomes[Key(branch: branch, position: position, context: place.context)] = true
      } else {
        let bit = branch * (text.count + 1) + position
        found[bit >> 6] |= 1 << UInt64(bit & 63)
      }
    }
  }
}
