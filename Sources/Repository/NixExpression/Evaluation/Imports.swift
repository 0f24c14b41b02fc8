/// Files, as paths of the language name them.
extension Evaluator {
  /// A path as the world takes it.
  func text(ofPath path: [UInt8]) throws(NixError) -> String {
    guard let text = String(validating: path, as: UTF8.self) else {
      throw NixError(
        .io, "path '\(String(decoding: path, as: UTF8.self))' is not valid UTF-8")
    }
    return text
  }

  /// The file that importing a path reads: links are followed, a directory means its `default.nix`.
  func resolveImport(_ path: [UInt8]) throws(NixError) -> [UInt8] {
    var path = path
    // As many links as Linux follows.
    for _ in 0..<40 {
      let text = try text(ofPath: path)
      switch try world.kind(of: text) {
      case .directory?: return normalised(path + Array("/default.nix".utf8))
      case .symlink?:
        let target = [UInt8](try world.symbolicLinkTarget(of: text).utf8)
        let isAbsolute = target.first == UInt8(ascii: "/")
        path = normalised(isAbsolute ? target : path + Array("/../".utf8) + target)
      case .regular?, .unknown?: return path
      case nil:
        throw NixError(.io, "getting status of '\(text)': No such file or directory")
      }
    }
    throw NixError(.io, "reading '\(try text(ofPath: path))': too many links to follow")
  }

  /// A file's content.
  func bytes(ofFile path: [UInt8], at position: Position) throws(NixError) -> [UInt8] {
    do throws(NixError) {
      let bytes = try world.readFile(try text(ofPath: path))
      try spend(bytes: bytes.count, at: position)
      return bytes
    } catch {
      error.locate(sources.place(position))
      throw error
    }
  }

  /// A file's content as a string.
  func contents(_ path: [UInt8], at position: Position) throws(NixError) -> Value {
    let bytes = try bytes(ofFile: path, at: position)
    guard !bytes.contains(0) else {
      let text = try text(ofPath: path)
      throw error(
        .argument, "the contents of the file '\(text)' cannot be represented as a Nix string",
        at: position)
    }
    return try string(bytes)
  }
}
