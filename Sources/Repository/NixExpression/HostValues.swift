/// Values made by Swift code.
///
/// What computes a value is given the evaluator and must not keep it, as the evaluator keeps the value.
extension Evaluator {
  package func makeList(_ elements: [Value]) -> Value {
    .list(heap.list(heap.slots(elements)))
  }

  package func makeString(_ text: String) -> Value { .string(heap.text(text)) }

  /// A path value from an absolute path.
  package func makePath(_ path: String) -> Value { .path(heap.text(path)) }

  /// A set; of two attributes with one name the later counts.
  package func makeAttributes(_ attributes: some Sequence<(String, Value)>) -> Value {
    var builder = AttributeBuilder()
    for (name, value) in attributes { builder.add(symbols.intern(name), value) }
    return .attributes(set(builder))
  }

  /// A function of one argument, which comes as suspended as it is.
  package func makeFunction(
    _ name: String, _ body: @escaping (Evaluator, Value) throws(NixError) -> Value
  ) -> Value {
    makePrimitive(
      name, .one { evaluator, argument, _ throws(NixError) in try body(evaluator, argument) })
  }

  /// A function of several arguments, one after the other; at least one.
  package func makeFunction(
    _ name: String, arity: Int,
    _ body: @escaping (Evaluator, [Value]) throws(NixError) -> Value
  ) -> Value {
    makePrimitive(
      name,
      .many(
        max(1, arity),
        { evaluator, arguments, _ throws(NixError) in try body(evaluator, arguments) }))
  }

  /// A value that is computed when, and if, it is first needed.
  package func makeLazy(
    _ body: @escaping (Evaluator) throws(NixError) -> Value
  ) -> Value {
    suspend(HostExpression(body))
  }

  /// The value that a JSON text stands for, as `builtins.fromJSON` reads it.
  package func value(json: [UInt8]) throws(NixError) -> Value {
    try run { () throws(NixError) in
      var reader = JSONReader(json, self, .none)
      return try reader.read()
    }
  }

  private func makePrimitive(_ name: String, _ body: Primitive.Body) -> Value {
    .primitive(heap.primitive(name, body))
  }
}
