/// Looks at a regular expression before the C library compiles it.
struct PatternCheck {
  private let pattern: [UInt8]
  private var index = 0
  /// The sizes of the groups that are open, the innermost last.
  private var open: [Int] = [0]
  /// The size of what a repetition would repeat.
  private var last = 0

  /// What may stand after a backslash.
  private static let special = Array(#".[\()*+?{|^$"#.utf8)

  init(_ pattern: [UInt8]) { self.pattern = pattern }

  /// How many characters it is with its repetitions written out.
  var size: Int { open.reduce(0, Self.sum) }

  /// Whether the pattern keeps to the standard where the C library goes beyond it and Nix does not: outside of
  /// brackets a backslash stands only before what it takes the meaning from, a `)` closes a group, and a repetition
  /// begins with a number.
  mutating func isStrict() -> Bool {
    while index < pattern.count {
      switch pattern[index] {
      case UInt8(ascii: "\\"):
        guard index + 1 < pattern.count, Self.special.contains(pattern[index + 1]) else {
          return false
        }
        add(1, length: 2)
      case UInt8(ascii: "["): add(1, length: lengthOfBracket())
      case UInt8(ascii: "("):
        open.append(0)
        index += 1
      case UInt8(ascii: ")"):
        guard open.count > 1 else { return false }
        add(open.removeLast(), length: 1)
      case UInt8(ascii: "{"):
        guard index + 1 < pattern.count, pattern[index + 1].isDigit else { return false }
        skipRepetition()
      default: add(1, length: 1)
      }
    }
    return true
  }

  private mutating func add(_ size: Int, length: Int) {
    last = size
    open[open.count - 1] = Self.sum(open[open.count - 1], size)
    index += length
  }

  private static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  /// `{2}`, `{2,}` or `{2,3}`: the larger number counts.
  private mutating func skipRepetition() {
    var (count, largest) = (0, 1)
    index += 1
    while index < pattern.count, pattern[index].isDigit || pattern[index] == UInt8(ascii: ",") {
      if pattern[index].isDigit {
        count = min(count * 10 + Int(pattern[index] - UInt8(ascii: "0")), 1 << 20)
      } else {
        count = 0
      }
      largest = max(largest, count)
      index += 1
    }
    if index < pattern.count, pattern[index] == UInt8(ascii: "}") { index += 1 }
    let (product, overflow) = last.multipliedReportingOverflow(by: largest)
    let repeated = overflow ? Int.max : product
    open[open.count - 1] = Self.sum(open[open.count - 1], repeated - last)
    last = repeated
  }

  private func lengthOfBracket() -> Int {
    var end = index + 1
    if end < pattern.count, pattern[end] == UInt8(ascii: "^") { end += 1 }
    // A bracket that closes at once is an element.
    if end < pattern.count, pattern[end] == UInt8(ascii: "]") { end += 1 }
    while end < pattern.count, pattern[end] != UInt8(ascii: "]") {
      guard pattern[end] == UInt8(ascii: "["), end + 1 < pattern.count,
        [UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "=")].contains(pattern[end + 1])
      else {
        end += 1
        continue
      }
      // `[:alpha:]` and the like close with their own mark.
      let mark = pattern[end + 1]
      end += 2
      while end + 1 < pattern.count,
        !(pattern[end] == mark && pattern[end + 1] == UInt8(ascii: "]"))
      { end += 1 }
      end += 2
    }
    return end + 1 - index
  }
}
