/// The context of strings: which store paths they name. Here they have none, so what asks for it finds nothing.
extension Builtins {
  static func registerContext(in registry: inout Globals.Registry) {
    let identities: [(String, String?)] = [
      ("unsafeDiscardStringContext", nil), ("unsafeDiscardOutputDependency", nil),
      ("addDrvOutputDependencies", "2.20"),
    ]
    for (name, version) in identities {
      registry.add(
        name, "string", "The string: none has a context here.", since: version,
        .one { evaluator, value, position throws(NixError) in
          try evaluator.string(try evaluator.coerced(value, at: position))
        })
    }
    registry.add(
      "hasContext", "string", "False: no string has a context here.",
      .one { evaluator, value, position throws(NixError) in
        _ = try evaluator.stringValue(value, at: position)
        return .bool(false)
      })
    registry.add(
      "getContext", "string", "An empty set: no string has a context here.",
      .one { evaluator, value, position throws(NixError) in
        _ = try evaluator.stringValue(value, at: position)
        return .attributes(evaluator.set(AttributeBuilder()))
      })
    registry.add(
      "appendContext", "string context",
      "The string; a context that is not empty needs Nix itself.",
      .two { evaluator, value, context, position throws(NixError) in
        let text = try evaluator.textValue(value, at: position)
        guard try evaluator.attributeSet(context, at: position).count == 0 else {
          throw evaluator.unavailable("builtins.appendContext", at: position)
        }
        return .string(text)
      })
  }
}
