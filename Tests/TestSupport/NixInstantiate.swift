package import Foundation

/// Real Nix, where it is installed.
package enum NixInstantiate {
  package static let path = ["/usr/bin", "/usr/local/bin", "/run/current-system/sw/bin"]
    .map { "\($0)/nix-instantiate" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What Nix prints for an expression, nil if it has no value; and the first line of its error.
  package static func answer(
    _ expression: String, _ options: [String] = ["--json"], in directory: URL
  ) throws -> (value: Data?, error: String) {
    let process = Process()
    process.executableURL = URL(filePath: path ?? "/usr/bin/nix-instantiate")
    process.arguments = ["--eval", "--strict"] + options + ["-"]
    process.environment = ["HOME": "/home/user", "NIX_PATH": "", "PATH": "/usr/bin:/bin"]
    process.currentDirectoryURL = directory
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // What it says is short, unless it has a value, and then it says nothing.
    try input.fileHandleForWriting.write(contentsOf: Data(expression.utf8))
    try input.fileHandleForWriting.close()
    let value = try output.fileHandleForReading.readToEnd() ?? Data()
    let error = String(
      decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    let line = error.split(separator: "\n").first { $0.hasPrefix("error: ") } ?? "error: "
    return (process.terminationStatus == 0 ? value : nil, String(line.dropFirst(7)))
  }

  /// The JSON of an expression's value, as text; nil if it has none.
  package static func json(_ expression: String, in directory: URL) throws -> String? {
    try answer(expression, in: directory).value.map { value in
      String(decoding: value, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
  }
}
