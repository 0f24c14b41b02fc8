import Foundation

/// A folder of its own with a copy of `Vectors/commands/fixture`, in which commands run as a person
/// would run them: with a home directory, `adage` and `agenix` on `PATH`, and no other variables.
struct Sandbox: ~Copyable {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  let folder: URL
  private let environment: [String: String]

  init() throws {
    let manager = FileManager.default
    folder = manager.temporaryDirectory.appending(path: "adage-\(UUID().uuidString)")
      .resolvingSymlinksInPath()
    try manager.copyItem(
      at: projectFolder.appending(path: "Vectors/commands/fixture"), to: folder)
    let programs = folder.appending(path: "programs")
    try manager.createDirectory(at: programs, withIntermediateDirectories: false)
    for name in ["adage", "agenix"] {
      try manager.createSymbolicLink(
        at: programs.appending(path: name), withDestinationURL: try Self.program())
    }
    environment = [
      "HOME": folder.appending(path: "home").path,
      "PATH": "\(programs.path):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
      "LC_ALL": "C.UTF-8", "TERM": "xterm",
    ]
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The program that is tested: `$ADAGE`, else the one that was built beside the tests.
  static func program() throws -> URL {
    if let named = ProcessInfo.processInfo.environment["ADAGE"] { return URL(filePath: named) }
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: tests).deletingLastPathComponent().appending(path: "adage")
  }

  /// Runs a command with bash, in the sandbox's folder and with nothing on standard input.
  ///
  /// - Parameter onTerminal: whether it gets a terminal of its own; its output and its errors then
  ///   both come out of that.
  func run(_ command: String, onTerminal: Bool = false) throws -> Outcome {
    let process = Process()
    if onTerminal {
      process.executableURL = URL(filePath: "/usr/bin/script")
      process.arguments = ["--quiet", "--return", "--command", command, "/dev/null"]
    } else {
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments = ["-c", command]
    }
    process.environment = environment.merging(["SHELL": "/bin/bash"]) { $1 }
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: no output is too long for them.
    let scratch = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    let files = ["out", "err"].map { scratch.appendingPathExtension($0) }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    for file in files { try Data().write(to: file) }
    let handles = try files.map { try FileHandle(forWritingTo: $0) }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    let status =
      process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus
    return Outcome(
      status: status, output: texts[0].replacingOccurrences(of: "\r\n", with: "\n"),
      errors: texts[1])
  }
}
