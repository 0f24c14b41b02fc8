internal import NixExpression

/// Finds in texts what packages stand for, and puts the machine's own paths there.
///
/// A package `x` is `/__packages__/x` as long as a configuration is evaluated, since its value says nothing of the
/// program that is meant. In what comes out, `/__packages__/x/bin/y` is the path of the program y, and any other
/// path below `/__packages__/x` is below the directory that has the `bin` of the package's main program.
struct PackageReferences {
  static let directory = "/__packages__"
  private static let mark = Array("\(directory)/".utf8)

  let machine: any Machine

  /// The text with the machine's paths.
  ///
  /// - Throws: `NixError` with the code `.unavailable` that names a program which the machine does not have.
  func resolve(_ text: [UInt8]) throws(NixError) -> [UInt8] {
    guard var start = Self.firstMark(in: text, from: 0) else { return text }
    var result: [UInt8] = []
    var rest = 0
    while true {
      result.append(contentsOf: text[rest..<start])
      rest = start + Self.mark.count
      let package = Self.word(in: text, &rest)
      result.append(contentsOf: try path(of: package, in: text, &rest).utf8)
      guard let next = Self.firstMark(in: text, from: rest) else { break }
      start = next
    }
    result.append(contentsOf: text[rest...])
    return result
  }

  func resolve(_ text: String) throws(NixError) -> String {
    String(decoding: try resolve(Array(text.utf8)), as: UTF8.self)
  }

  /// What stands for a package and, if one follows, the program in its `bin` or `sbin`.
  private func path(
    of package: String, in text: [UInt8], _ rest: inout Int
  ) throws(NixError) -> String {
    for folder in ["/bin/", "/sbin/"] where text[rest...].starts(with: folder.utf8) {
      var end = rest + folder.utf8.count
      let program = Self.word(in: text, &end)
      guard !program.isEmpty else { continue }
      rest = end
      return try find(program, of: package)
    }
    let program = try find(Packages.mainProgram(of: package), of: package)
    let parts = program.split(separator: "/").dropLast(2)
    return parts.isEmpty ? "" : "/" + parts.joined(separator: "/")
  }

  private func find(_ program: String, of package: String) throws(NixError) -> String {
    if let path = machine.program(named: program) { return path }
    throw NixError(
      .unavailable("pkgs.\(package)"),
      "there is no program \(program), of pkgs.\(package), on this machine: \(Packages.advice(for: package))"
    )
  }

  private static func firstMark(in text: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + mark.count <= text.count {
      guard let slash = text[index...].firstIndex(of: mark[0]) else { return nil }
      if text[slash...].starts(with: mark) { return slash }
      index = slash + 1
    }
    return nil
  }

  /// The name of a package or program, which goes as far as its characters do.
  private static func word(in text: [UInt8], _ index: inout Int) -> String {
    let start = index
    while index < text.count, isNameByte(text[index]) { index += 1 }
    return String(decoding: text[start..<index], as: UTF8.self)
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "+-._".utf8.contains(byte)
    }
  }
}
