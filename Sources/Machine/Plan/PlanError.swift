/// Why a text is no plan, or a plan cannot be meant.
///
/// Two errors are equal if their codes are, whatever they say.
package struct PlanError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The text is not JSON.
    case syntax
    /// A limit of the reader is exceeded: size or depth.
    case limit
    /// The version is not one that this program knows.
    case version
    /// A key that a plan does not have.
    case unknownKey
    /// A key that a plan needs is missing.
    case missingKey
    /// A value of another type than the key's.
    case type
    /// A secret's name cannot be a path in a generation.
    case name
    /// A path is not absolute, or leads through `.` or `..`.
    case path
    /// A mode that chmod would not take.
    case mode
    /// An owner or group is empty.
    case account
    /// A line of a unit or of tmpfiles.d that would be more than one, or another.
    case setting
    /// Two parts of the plan are in each other's way.
    case conflict
    /// There is no identity to open anything with.
    case noIdentity
  }

  package let code: Code
  /// Object and cause, in lower case and without a full stop.
  package let reason: String

  package init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  package var description: String { reason }

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// A text in quotes, with its control characters escaped.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    if scalar.properties.generalCategory == .control || scalar == "\"" {
      result += scalar.escaped(asASCII: true)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
