/// A value of the language, possibly still suspended.
///
/// A value belongs to the evaluator that made it and means nothing once that is gone. What it holds is asked of
/// the evaluator (`Evaluator.string(_:)`, …), which forces it first.
package enum Value {
  case null
  case bool(Bool)
  case int(Int64)
  case float(Double)
  /// Any bytes but zero.
  case string(Text)
  /// An absolute path.
  case path(Text)
  case list(List)
  case attributes(AttributeSet)
  case closure(Closure)
  case primitive(Primitive)
  case partial(PartialApplication)
  case thunk(Thunk)
}

/// The types of the language as `builtins.typeOf` names them.
package enum ValueType: String, Sendable {
  case null, bool, int, float, string, path, list, set, lambda

  /// The type with its article, as errors call it.
  var phrase: String {
    switch self {
    case .null: "null"
    case .bool: "a Boolean"
    case .int: "an integer"
    case .float: "a float"
    case .string: "a string"
    case .path: "a path"
    case .list: "a list"
    case .set: "a set"
    case .lambda: "a function"
    }
  }
}

extension Value {
  /// The type of a value that is not suspended; nil for one that is.
  var type: ValueType? {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .float: .float
    case .string: .string
    case .path: .path
    case .list: .list
    case .attributes: .set
    case .closure, .primitive, .partial: .lambda
    case .thunk: nil
    }
  }

  /// What it is, with its article, as errors call it: "an integer", "the built-in function 'map'".
  var phrase: String {
    switch self {
    case .primitive(let primitive): "the built-in function '\(primitive.name)'"
    case .partial(let partial): "the partially applied built-in function '\(partial.function.name)'"
    default: type?.phrase ?? "a thunk"
    }
  }
}
