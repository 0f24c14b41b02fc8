/// What later versions of Nix have and 2.8 does not, and which needs no store.
extension Builtins {
  static func registerLater(in registry: inout Globals.Registry) {
    registry.add(
      "warn", "message value", "The value, after the message was shown as a warning.",
      since: "2.23",
      .two { evaluator, message, value, position throws(NixError) in
        let text = try evaluator.stringValue(message, at: position)
        evaluator.world.warn(String(decoding: text, as: UTF8.self))
        return value
      })
    registry.add(
      "traceVerbose", "message value", "The value; the message is shown to no one.",
      since: "2.10", .two { _, _, value, _ in value })
    registry.add(
      "break", "value", "The value: there is no debugger to break into.", since: "2.9",
      .one { _, value, _ in value })
    registry.add(
      "readFileType", "path",
      "What is at a path: `regular`, `directory`, `symlink` or `unknown`.", since: "2.14",
      .one { evaluator, path, position throws(NixError) in
        let path = try evaluator.text(ofPath: try evaluator.coercedPath(path, at: position))
        guard let kind = try evaluator.world.kind(of: path) else {
          throw evaluator.error(
            .io, "getting status of '\(path)': No such file or directory", at: position)
        }
        return evaluator.makeString(kind.rawValue)
      })
  }
}
