/// Lists to one value.
extension Builtins {
  static func registerListFolds(in registry: inout Globals.Registry) {
    registry.add(
      "foldl'", "operator nul list",
      "The operator applied to nul and the first element, to that and the second, and so on.",
      .three(foldl))
    registry.add(
      "any", "function list", "Whether the function is true for an element.",
      .two { evaluator, function, list, position throws(NixError) in
        .bool(try holds(evaluator, function, list, position, until: true))
      })
    registry.add(
      "all", "function list", "Whether the function is true for every element.",
      .two { evaluator, function, list, position throws(NixError) in
        .bool(!(try holds(evaluator, function, list, position, until: false)))
      })
    registry.add(
      "elem", "value list", "Whether a value is one of the elements.",
      .two { evaluator, value, list, position throws(NixError) in
        let elements = try evaluator.listValue(list, at: position).elements
        try evaluator.spend(elements: elements.count, at: position)
        for element in elements
        where try evaluator.equalElements(value, element, at: position) { return .bool(true) }
        return .bool(false)
      })
  }

  private static func foldl(
    _ evaluator: Evaluator, _ function: Value, _ initial: Value, _ list: Value,
    _ position: Position
  ) throws(NixError) -> Value {
    let function = try evaluator.functionValue(function, at: position)
    var result = initial
    for element in try evaluator.listValue(list, at: position).elements {
      result = try evaluator.call(function, result, element, at: position)
    }
    return result
  }

  /// Whether the function is `wanted` for some element.
  private static func holds(
    _ evaluator: Evaluator, _ function: Value, _ list: Value, _ position: Position,
    until wanted: Bool
  ) throws(NixError) -> Bool {
    let function = try evaluator.functionValue(function, at: position)
    for element in try evaluator.listValue(list, at: position).elements {
      let result = try evaluator.call(function, element, at: position)
      if try evaluator.booleanValue(result, at: position) == wanted { return true }
    }
    return false
  }
}
