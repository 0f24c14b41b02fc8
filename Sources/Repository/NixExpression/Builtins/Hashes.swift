/// Hashes of strings and files, and how they are written.
extension Builtins {
  static func registerHashes(in registry: inout Globals.Registry) {
    registry.add(
      "hashString", "algorithm string",
      "The hash of a string, hexadecimal; `md5`, `sha1`, `sha256` or `sha512`.",
      .two { evaluator, algorithm, string, position throws(NixError) in
        let algorithm = try evaluator.hashAlgorithm(algorithm, at: position)
        let text = try evaluator.stringValue(string, at: position)
        return try evaluator.string(try evaluator.hashed(algorithm, text, at: position))
      })
    registry.add(
      "hashFile", "algorithm path",
      "The hash of a file's content, hexadecimal; `md5`, `sha1`, `sha256` or `sha512`.",
      .two { evaluator, algorithm, path, position throws(NixError) in
        let algorithm = try evaluator.hashAlgorithm(algorithm, at: position)
        let content = try evaluator.bytes(
          ofFile: try evaluator.coercedPath(path, at: position), at: position)
        return try evaluator.string(try evaluator.hashed(algorithm, content, at: position))
      })
    registry.add(
      "convertHash", "set",
      "A hash written as `toHashFormat`: `base16`, `nix32`, `base64` or `sri`.", since: "2.19",
      .one(convertHash))
    registry.add(
      "placeholder", "output", "What stands for the path of a derivation's output within it.",
      .one { evaluator, output, position throws(NixError) in
        let text = Array("nix-output:".utf8) + (try evaluator.stringValue(output, at: position))
        try evaluator.spend(bytes: text.count, at: position)
        let hash = try evaluator.world.hash(.sha256, text)
        return try evaluator.string([UInt8(ascii: "/")] + HashFormat.nix32.encode(hash))
      })
  }

  /// `{ hash, toHashFormat, hashAlgo ? }`: the algorithm is a part of the hash unless it is given.
  private static func convertHash(
    _ evaluator: Evaluator, _ argument: Value, _ position: Position
  ) throws(NixError) -> Value {
    let set = try evaluator.attributeSet(argument, at: position)
    func required(_ name: String) throws(NixError) -> [UInt8] {
      let symbol = evaluator.symbols.intern(name)
      guard let value = set[symbol] else {
        throw evaluator.missingAttribute(symbol, in: set, at: position)
      }
      return try evaluator.stringValue(value, at: position)
    }
    let text = try required("hash")
    let algorithm = try set[evaluator.symbols.intern("hashAlgo")].map { value throws(NixError) in
      try evaluator.hashAlgorithm(value, at: position)
    }
    let name = String(decoding: try required("toHashFormat"), as: UTF8.self)
    guard let format = HashFormat(name: name) else {
      throw evaluator.error(.argument, "unknown hash format '\(name)'", at: position)
    }
    do throws(NixError) {
      let hash = try WrittenHash(text, algorithm)
      return try evaluator.string(hash.written(format))
    } catch {
      error.locate(evaluator.sources.place(position))
      throw error
    }
  }
}

extension Evaluator {
  fileprivate func hashAlgorithm(
    _ value: Value, at position: Position
  ) throws(NixError) -> HashAlgorithm {
    let name = String(decoding: try stringValue(value, at: position), as: UTF8.self)
    guard let algorithm = HashAlgorithm(rawValue: name) else {
      throw error(.argument, "unknown hash algorithm '\(name)'", at: position)
    }
    return algorithm
  }

  /// A hash as hexadecimal digits; the work counts as steps.
  fileprivate func hashed(
    _ algorithm: HashAlgorithm, _ bytes: [UInt8], at position: Position
  ) throws(NixError) -> [UInt8] {
    try spend(bytes: bytes.count, at: position)
    do throws(NixError) {
      return HashFormat.base16.encode(try world.hash(algorithm, bytes))
    } catch {
      error.locate(sources.place(position))
      throw error
    }
  }
}
