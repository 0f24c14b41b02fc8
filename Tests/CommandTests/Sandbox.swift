import Foundation

/// A folder of its own with a copy of `Vectors/commands/fixture`, in which commands run as a person
/// would run them: with a home directory, `adage` and `agenix` on `PATH`, and no other variables.
/// `programs/as-age` has it by age's names, beside a plugin, and may come first on `PATH`.
struct Sandbox: ~Copyable {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  let folder: URL
  private let environment: [String: String]

  init(asAge: Bool = false) throws {
    let manager = FileManager.default
    folder = manager.temporaryDirectory.appending(path: "adage-\(UUID().uuidString)")
      .resolvingSymlinksInPath()
    try manager.copyItem(
      at: projectFolder.appending(path: "Vectors/commands/fixture"), to: folder)
    let programs = folder.appending(path: "programs")
    try manager.createDirectory(at: programs, withIntermediateDirectories: false)
    let ours = programs.appending(path: "as-age")
    try manager.createDirectory(at: ours, withIntermediateDirectories: false)
    for link in [
      programs.appending(path: "adage"), programs.appending(path: "agenix"),
      ours.appending(path: "age"), ours.appending(path: "age-keygen"),
      ours.appending(path: "age-inspect"),
    ] {
      try manager.createSymbolicLink(at: link, withDestinationURL: try Self.program())
    }
    let plugin = "age-plugin-adage-test"
    try manager.createSymbolicLink(
      at: ours.appending(path: plugin),
      withDestinationURL: try Self.built().appending(path: plugin))
    let age = asAge ? "\(ours.path):" : ""
    environment = [
      "HOME": folder.appending(path: "home").path,
      "PATH": "\(age)\(programs.path):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
      "LC_ALL": "C.UTF-8", "TERM": "xterm",
    ]
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The program that is tested: `$ADAGE`, else the one that was built beside the tests.
  static func program() throws -> URL {
    if let named = ProcessInfo.processInfo.environment["ADAGE"] { return URL(filePath: named) }
    return try built().appending(path: "adage")
  }

  /// Where the programs are that were built beside the tests.
  private static func built() throws -> URL {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: tests).deletingLastPathComponent()
  }

  /// Runs a command with bash, in the sandbox's folder and with nothing on standard input.
  ///
  /// - Parameters:
  ///   - onTerminal: whether it gets a terminal of its own; its output and its errors then both come out of that.
  ///   - typed: what is typed at that terminal, each text once a question waits there.
  func run(
    _ command: String, onTerminal: Bool = false, typing typed: [String] = []
  ) throws -> Outcome {
    let process = Process()
    // What the threads of the tests do with signals is not for the programs that they start.
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["--default-signal"]
      + (onTerminal
        ? ["script", "--quiet", "--return", "--flush", "--command", command, "/dev/null"]
        : ["bash", "-c", command])
    process.environment = environment.merging(["SHELL": "/bin/bash"]) { $1 }
    process.currentDirectoryURL = folder
    let keyboard = Pipe()
    process.standardInput = typed.isEmpty ? FileHandle.nullDevice : keyboard.fileHandleForReading
    // Files, not pipes: no output is too long for them.
    let scratch = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    let files = ["out", "err"].map { scratch.appendingPathExtension($0) }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    for file in files { try Data().write(to: file) }
    let handles = try files.map { try FileHandle(forWritingTo: $0) }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    try type(typed, at: keyboard, into: process, showing: files[0])
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    let status =
      process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus
    return Outcome(
      status: status, output: texts[0].replacingOccurrences(of: "\r\n", with: "\n"),
      errors: texts[1])
  }

  /// Types each text once there is something new on the screen whose last line has no end: a question.
  private func type(
    _ typed: [String], at keyboard: Pipe, into process: Process, showing screen: URL
  ) throws {
    var seen = 0
    for text in typed {
      let deadline = Date(timeIntervalSinceNow: 120)
      while process.isRunning && Date() < deadline {
        let shown = try Data(contentsOf: screen)
        // Neither the end of a line, nor a question that was just taken away, nor the echo of the last answer.
        if shown.count > seen, shown.last != UInt8(ascii: "\n"), !shown.hasSuffix("\u{1b}[K"),
          seen == 0 || shown[seen...].contains(UInt8(ascii: "\n"))
        {
          seen = shown.count
          break
        }
        usleep(2_000)
      }
      try? keyboard.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }
    // What still waits for an answer after so long gets the end of the file.
    let deadline = Date(timeIntervalSinceNow: typed.isEmpty ? 0 : 120)
    while process.isRunning && Date() < deadline { usleep(2_000) }
    try keyboard.fileHandleForWriting.close()
  }
}

extension Data {
  fileprivate func hasSuffix(_ text: String) -> Bool {
    suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
