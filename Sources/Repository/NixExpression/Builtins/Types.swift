/// What a value is.
extension Builtins {
  static func registerTypes(in registry: inout Globals.Registry) {
    registry.add(
      "typeOf",
      .one { evaluator, value, position throws(NixError) in
        let type = try evaluator.force(value, at: position).type
        return .string(type?.rawValue ?? "")
      })
    let tests: [(String, ValueType)] = [
      ("isNull", .null), ("isBool", .bool), ("isInt", .int), ("isFloat", .float),
      ("isString", .string), ("isPath", .path), ("isList", .list), ("isAttrs", .set),
      ("isFunction", .lambda),
    ]
    for (name, type) in tests {
      registry.add(
        name,
        .one { evaluator, value, position throws(NixError) in
          .bool(try evaluator.force(value, at: position).type == type)
        })
    }
    registry.add("functionArgs", .one(functionArgs))
    registry.add("unsafeGetAttrPos", .two(unsafeGetAttrPos))
  }

  private static func functionArgs(
    _ evaluator: Evaluator, _ value: Value, _ position: Position
  ) throws(NixError) -> Value {
    var builder = AttributeBuilder()
    switch try evaluator.force(value, at: position) {
    case .closure(let closure):
      for formal in closure.lambda.formals?.list ?? [] {
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
    let symbol = evaluator.symbols.intern(try evaluator.stringValue(name, at: position))
    let set = try evaluator.attributeSet(value, at: position)
    guard let index = set.shape.index(of: symbol) else { return .null }
    return evaluator.positionSet(set.shape.keys[index].position)
  }
}
