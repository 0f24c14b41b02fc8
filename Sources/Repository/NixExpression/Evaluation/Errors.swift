/// Errors of the evaluator, with places.
extension Evaluator {
  func error(
    _ code: NixError.Code, _ message: String, at position: Position
  ) -> NixError {
    NixError(code, message, at: sources.place(position))
  }

  /// Adds to an error what was being evaluated when it arose.
  func note(_ error: NixError, _ message: @autoclosure () -> String, at position: Position) {
    guard error.wantsFrames else { return }
    error.add(NixError.Frame(message: message(), place: sources.place(position)))
  }

  func mismatch(_ value: Value, _ expected: ValueType, at position: Position) -> NixError {
    error(.type, "value is \(value.phrase) while \(expected.phrase) was expected", at: position)
  }

  func missingAttribute(
    _ symbol: Symbol, in set: AttributeSet, at position: Position
  ) -> NixError {
    error(
      .missingAttribute,
      set.shape.open?.reasonMissing(symbol, symbols)
        ?? "attribute '\(symbols.text(symbol))' missing", at: position)
  }

  func unavailable(_ construct: String, at position: Position) -> NixError {
    error(.unavailable(construct), "\(construct) needs Nix itself", at: position)
  }

  func check(stringOf count: Int) throws(NixError) {
    guard count <= limits.stringBytes else {
      throw NixError(.limit, "a string is longer than \(limits.stringBytes) bytes")
    }
    try check(memoryFor: count, each: 1)
  }

  func check(listOf count: Int) throws(NixError) {
    guard count <= limits.listElements else {
      throw NixError(.limit, "a list has more than \(limits.listElements) elements")
    }
    try check(memoryFor: count, each: 16)
  }

  /// Whether so many things of so many bytes may still be allocated, for whoever makes many at once.
  func check(memoryFor count: Int, each bytes: Int) throws(NixError) {
    let (more, overflow) = count.multipliedReportingOverflow(by: bytes)
    guard !overflow, more <= limits.memory - heap.bytes else {
      throw NixError(.limit, "evaluation allocated more than \(limits.memory) bytes")
    }
  }
}
