/// What a value is.
extension Builtins {
  static func registerTypes(in registry: inout Globals.Registry) {
    registry.add(
      "typeOf", "value",
      "The name of the value's type: `int`, `bool`, `string`, `path`, `null`, `set`, `list`, `lambda` or `float`.",
      .one { evaluator, value, position throws(NixError) in
        let type = try evaluator.force(value, at: position).type
        return evaluator.makeString(type?.rawValue ?? "")
      })
    let tests: [(String, ValueType, StaticString)] = [
      ("isNull", .null, "Whether the value is null."),
      ("isBool", .bool, "Whether the value is true or false."),
      ("isInt", .int, "Whether the value is an integer."),
      ("isFloat", .float, "Whether the value is a float."),
      ("isString", .string, "Whether the value is a string."),
      ("isPath", .path, "Whether the value is a path."),
      ("isList", .list, "Whether the value is a list."),
      ("isAttrs", .set, "Whether the value is a set."),
      ("isFunction", .lambda, "Whether the value is a function."),
    ]
    for (name, type, summary) in tests {
      registry.add(
        name, "value", summary,
        .one { evaluator, value, position throws(NixError) in
          .bool(try evaluator.force(value, at: position).type == type)
        })
    }
    registry.add(
      "functionArgs", "function",
      "The names of a function's pattern, each true if it has a default.", .one(functionArgs))
    registry.add(
      "unsafeGetAttrPos", "name set",
      "Where an attribute is defined, as `{ column, file, line }`; null if no file defines it.",
      .two(unsafeGetAttrPos))
  }

  private static func functionArgs(
    _ evaluator: Evaluator, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    var builder = AttributeBuilder()
    switch try evaluator.force(value, at: position) {
    case .closure(let closure):
      for formal in closure.lambda.formals?.list ?? .none {
        builder.add(formal.symbol, .bool(formal.defaultValue != nil), at: formal.position)
      }
    case .primitive, .partial: break
    default:
      throw evaluator.error(.type, "'functionArgs' requires a function", at: position)
    }
    return .attributes(evaluator.set(builder))
  }

  private static func unsafeGetAttrPos(
    _ evaluator: Evaluator, _ name: Value, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    let symbol = evaluator.symbols.intern(try evaluator.textValue(name, at: position))
    let set = try evaluator.attributeSet(value, at: position)
    guard let index = set.shape.index(of: symbol) else { return .null }
    return evaluator.positionSet(set.shape.keys[index].position)
  }
}
