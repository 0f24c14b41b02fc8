@testable import NixExpression

/// Tokens of whatever it is: the last one ends it, and each begins where none before it did.
func fuzzNixLexer(_ bytes: [UInt8]) {
  let pool = Pool()
  var lexer = Lexer(bytes, SymbolTable(pool, Heap(pool)))
  var offset: UInt32 = 0
  var hasEnded = false
  while !hasEnded {
    let passed = lexer.tokens.count
    precondition(lexer.proceed(dropping: passed) == passed)
    precondition(!lexer.tokens.isEmpty)
    for token in lexer.tokens {
      precondition(!hasEnded)
      precondition(token.offset >= offset || token.kind == .invalid)
      precondition(token.offset <= bytes.count)
      offset = token.offset
      hasEnded = token.kind == .end || token.kind == .invalid
    }
  }
}

/// An expression, or an error with a place in the text.
func fuzzNixParser(_ bytes: [UInt8]) {
  let evaluator = Evaluator(limits: smallLimits)
  try? evaluator.run { () throws(NixError) in
    do throws(NixError) {
      _ = try evaluator.parse(bytes, name: "/fuzz.nix", directory: [0x2f], isFile: true)
    } catch {
      precondition([.syntax, .undefinedVariable, .limit].contains(error.code))
      precondition(error.code == .limit || error.place.map { $0.line > 0 && $0.column > 0 } == true)
    }
  }
}

/// A value that can be written in each form, or an error, within the limits.
func fuzzNixEvaluator(_ bytes: [UInt8]) {
  let evaluator = Evaluator(world: FuzzWorld(), limits: smallLimits)
  do throws(NixError) {
    try evaluator.run { () throws(NixError) in
      let value = try evaluator.evaluate(source: bytes)
      let printed = try evaluator.printed(value)
      precondition(!printed.isEmpty)
      var writer = XMLWriter(evaluator, .none)
      try writer.write(document: value)
      let json = try evaluator.jsonBytes(value)
      precondition(!json.isEmpty)
    }
  } catch {
    precondition(!error.trace.contains { $0.message.isEmpty })
  }
  precondition(evaluator.heap.bytes < smallLimits.memory + (4 << 20))
}

private let smallLimits: Limits = {
  var limits = Limits()
  // The sanitizer clears its notes on all of a thread's stack.
  limits.stackBytes = 32 << 20
  limits.depth = 1000
  limits.nesting = 500
  limits.steps = 50_000
  limits.memory = 16 << 20
  limits.stringBytes = 256 << 10
  limits.listElements = 16 << 10
  return limits
}()

/// A few files, and hashes that only have the right length.
private struct FuzzWorld: EvaluationWorld {
  private static let files = [
    "/a": "1", "/b.nix": "{ x = 1; f = y: y; }", "/d/default.nix": "x: x",
  ]

  func readFile(_ path: String) throws(NixError) -> [UInt8] {
    guard let text = Self.files[path] else { throw NixError(.io, "no such file") }
    return Array(text.utf8)
  }

  func readDirectory(_ path: String) throws(NixError) -> [DirectoryEntry] {
    guard path == "/" else { throw NixError(.io, "no such directory") }
    return [
      DirectoryEntry(name: "a", kind: .regular), DirectoryEntry(name: "d", kind: .directory),
    ]
  }

  func kind(of path: String) throws(NixError) -> FileKind? {
    path == "/" || path == "/d" ? .directory : Self.files[path] == nil ? nil : .regular
  }

  func hash(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) throws(NixError) -> [UInt8] {
    [UInt8](repeating: UInt8(bytes.count & 0xff), count: algorithm.byteCount)
  }
}
