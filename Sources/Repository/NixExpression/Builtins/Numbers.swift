import Glibc

/// Arithmetic as functions.
extension Builtins {
  static func registerNumbers(in registry: inout Globals.Registry) {
    let operations: [(String, Operator)] = [
      ("add", .add), ("sub", .subtract), ("mul", .multiply), ("div", .divide),
    ]
    for (name, operation) in operations {
      registry.add(
        name,
        .two { evaluator, left, right, position throws(NixError) in
          try evaluator.arithmetic(operation, left, right, at: position)
        })
    }
    registry.add(
      "lessThan",
      .two { evaluator, left, right, position throws(NixError) in
        .bool(try evaluator.less(left, right, at: position))
      })
    let bits: [(String, @Sendable (Int64, Int64) -> Int64)] = [
      ("bitAnd", { $0 & $1 }), ("bitOr", { $0 | $1 }), ("bitXor", { $0 ^ $1 }),
    ]
    for (name, combine) in bits {
      registry.add(
        name,
        .two { evaluator, left, right, position throws(NixError) in
          let one = try evaluator.integerValue(left, at: position)
          return .int(combine(one, try evaluator.integerValue(right, at: position)))
        })
    }
    addRounding("ceil", .up, in: &registry)
    addRounding("floor", .down, in: &registry)
  }

  private static func addRounding(
    _ name: String, _ rule: FloatingPointRoundingRule, in registry: inout Globals.Registry
  ) {
    registry.add(
      name,
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
