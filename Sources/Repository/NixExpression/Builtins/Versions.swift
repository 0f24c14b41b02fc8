/// Versions and names of packages.
extension Builtins {
  static func registerVersions(in registry: inout Globals.Registry) {
    registry.add(
      "compareVersions", "left right", "-1, 0 or 1: how two versions compare.",
      .two { evaluator, left, right, position throws(NixError) in
        let left = try evaluator.stringValue(left, at: position)
        let right = try evaluator.stringValue(right, at: position)
        try evaluator.spend(elements: left.count + right.count, at: position)
        let (one, other) = (components(left), components(right))
        return .int(compare(one, other))
      })
    registry.add(
      "splitVersion", "version", "The components of a version.",
      .one { evaluator, version, position throws(NixError) in
        let version = try evaluator.stringValue(version, at: position)
        try evaluator.spend(bytes: version.count, at: position)
        var parts = ContiguousArray<Value>()
        for part in components(version) { parts.append(try evaluator.string(Array(part))) }
        return try evaluator.list(parts)
      })
    registry.add(
      "parseDrvName", "name", "`{ name, version }` of a package's name such as `restic-0.16.4`.",
      .one(parseDrvName))
  }

  /// Runs of digits and of other bytes, between dots and dashes.
  private static func components(_ version: [UInt8]) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var index = 0
    while index < version.count {
      if isSeparator(version[index]) {
        index += 1
        continue
      }
      let start = index
      let isNumber = version[index].isDigit
      while index < version.count, !isSeparator(version[index]),
        version[index].isDigit == isNumber
      { index += 1 }
      result.append(version[start..<index])
    }
    return result
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
  }

  private static func compare(_ left: [ArraySlice<UInt8>], _ right: [ArraySlice<UInt8>]) -> Int64 {
    for index in 0..<max(left.count, right.count) {
      let one = index < left.count ? left[index] : []
      let other = index < right.count ? right[index] : []
      if precedes(one, other) { return -1 }
      if precedes(other, one) { return 1 }
    }
    return 0
  }

  /// `pre` < nothing < other words < numbers; numbers by value.
  private static func precedes(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
    let (one, other) = (number(left), number(right))
    if let one, let other { return one < other }
    if left.isEmpty, other != nil { return true }
    let (onePre, otherPre) = (left.elementsEqual("pre".utf8), right.elementsEqual("pre".utf8))
    if onePre, !otherPre { return true }
    if otherPre { return false }
    if other != nil { return true }
    if one != nil { return false }
    return left.lexicographicallyPrecedes(right)
  }

  /// The value of digits; what passes 32 bits is a word to Nix.
  private static func number(_ component: ArraySlice<UInt8>) -> Int32? {
    guard component.allSatisfy(\.isDigit) else { return nil }
    return Int32(String(decoding: component, as: UTF8.self))
  }

  /// The version begins after the first dash that no letter follows.
  private static func parseDrvName(
    _ evaluator: Evaluator, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let text = try evaluator.stringValue(value, at: position)
    let dash = text.indices.first { index in
      text[index] == UInt8(ascii: "-") && index + 1 < text.count && !text[index + 1].isLetter
    }
    var builder = AttributeBuilder()
    let name = try evaluator.string(Array(text[..<(dash ?? text.count)]))
    let version = try evaluator.string(dash.map { Array(text[($0 + 1)...]) } ?? [])
    builder.add(evaluator.symbols.known.name, name)
    builder.add(evaluator.symbols.known.version, version)
    return .attributes(evaluator.set(builder))
  }
}
