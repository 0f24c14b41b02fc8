/// Why an expression has no value: a stable kind, Nix's words, where, and what was being evaluated.
package struct NixError: Error {
  /// The kind of a failure; callers and tests decide by it, never by the words.
  package enum Code: Sendable, Hashable {
    /// The source is not a Nix expression.
    case syntax
    case undefinedVariable
    case infiniteRecursion
    /// Calls or values are nested deeper than `Limits.depth`.
    case depth
    /// A value of one type stands where another is needed.
    case type
    case missingAttribute
    /// A function was called without an argument it requires, or with one it does not know.
    case call
    /// A value of the right type that the operation cannot use: an index, a pattern, a divisor.
    case argument
    case thrown
    case aborted
    case assertion
    /// The expression needs something that only Nix itself has; the payload names it.
    case unavailable(String)
    /// The world refused or failed to give a file.
    case io
    /// A limit of `Limits` other than depth was passed.
    case limit
  }

  /// A place in a source: 1-based line and column, the column in bytes.
  package struct Place: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
      self.file = file
      self.line = line
      self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
  }

  /// One link of the chain of what was being evaluated, the innermost first.
  package struct Frame: Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package let place: Place?

    package var description: String { place.map { "\(message), at \($0)" } ?? message }
  }

  /// How many frames an error keeps; the innermost tell most.
  static let maximumFrames = 100

  /// Shared, so that an error costs one word to pass up a deep stack and frames are added in place.
  /// Only the evaluator adds to it, before it hands the error out.
  private final class Details: @unchecked Sendable {
    let code: Code
    let message: String
    var place: Place?
    var frames: [Frame] = []

    init(code: Code, message: String, place: Place?) {
      self.code = code
      self.message = message
      self.place = place
    }
  }

  private let details: Details

  package init(_ code: Code, _ message: String, at place: Place? = nil) {
    details = Details(code: code, message: message, place: place)
  }

  package var code: Code { details.code }
  package var message: String { details.message }
  package var place: Place? { details.place }
  package var trace: [Frame] { details.frames }

  func locate(_ place: Place?) {
    if details.place == nil { details.place = place }
  }

  var wantsFrames: Bool { details.frames.count < Self.maximumFrames }

  func add(_ frame: Frame) {
    if wantsFrames { details.frames.append(frame) }
  }
}

extension NixError: CustomStringConvertible {
  /// The message and where, on one line.
  package var description: String {
    guard let place else { return message }
    return "\(message), at \(place)"
  }
}

extension NixError: Equatable {
  /// Errors are equal when their kinds are: tests compare kinds, people read words.
  package static func == (left: NixError, right: NixError) -> Bool { left.code == right.code }
}
