import Glibc

/// Arithmetic as functions.
extension Builtins {
  static func registerNumbers(in registry: inout Globals.Registry) {
    let operations: [(String, Operator, StaticString)] = [
      ("add", .add, "The sum of two numbers."),
      ("sub", .subtract, "The difference of two numbers."),
      ("mul", .multiply, "The product of two numbers."),
      ("div", .divide, "The quotient of two numbers; of two integers an integer."),
    ]
    for (name, operation, summary) in operations {
      registry.add(
        name, "left right", summary,
        .two { evaluator, left, right, position throws(NixError) in
          try evaluator.arithmetic(operation, left, right, at: position)
        })
    }
    registry.add(
      "lessThan", "left right",
      "Whether the left value comes before the right one, as `<` says it.",
      .two { evaluator, left, right, position throws(NixError) in
        .bool(try evaluator.less(left, right, at: position))
      })
    let bits: [(String, @Sendable (Int64, Int64) -> Int64, StaticString)] = [
      ("bitAnd", { $0 & $1 }, "The bits that both integers have."),
      ("bitOr", { $0 | $1 }, "The bits that either integer has."),
      ("bitXor", { $0 ^ $1 }, "The bits that one of the integers has."),
    ]
    for (name, combine, summary) in bits {
      registry.add(
        name, "left right", summary,
        .two { evaluator, left, right, position throws(NixError) in
          let one = try evaluator.integerValue(left, at: position)
          return .int(combine(one, try evaluator.integerValue(right, at: position)))
        })
    }
    addRounding("ceil", .up, "The least integer that is not less than a number.", in: &registry)
    addRounding(
      "floor", .down, "The greatest integer that is not greater than a number.", in: &registry)
  }

  private static func addRounding(
    _ name: String, _ rule: FloatingPointRoundingRule, _ summary: StaticString,
    in registry: inout Globals.Registry
  ) {
    registry.add(
      name, "number", summary,
      .one { evaluator, value, position throws(NixError) in
        let number = try evaluator.floatValue(value, at: position).rounded(rule)
        guard let integer = Int64(exactly: number) else {
          throw evaluator.error(
            .argument, "'\(name)' of \(formatted(number, "%g")): no integer is so large",
            at: position)
        }
        return .int(integer)
      })
  }
}
