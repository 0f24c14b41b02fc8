import Foundation
import Subprocess
import SystemPackage

/// What a program did.
package struct Finished: Sendable {
  /// The exit status; 128 and the signal's number if a signal ended it.
  package let status: Int32
  package let output: [UInt8]
  /// Standard error.
  package let error: String

  /// Standard output as text.
  package var text: String { String(decoding: output, as: UTF8.self) }
}

/// A program that should have succeeded.
package struct ProgramFailure: Error, CustomStringConvertible {
  package let description: String
}

/// The Python that has `pyrage`: `$PYTHON`, else `python3`.
package var python: String { ProcessInfo.processInfo.environment["PYTHON"] ?? "python3" }

/// Runs a program, found on `PATH` unless its name has a slash.
///
/// The input goes through a file rather than a pipe, so that a program which reads none of it breaks nothing here.
package func run(
  _ program: String, _ arguments: [String] = [], input: [UInt8] = [],
  environment: [String: String] = [:], in directory: String? = nil
) async throws -> Finished {
  let temporary = try TemporaryDirectory()
  let inputFile = try FileDescriptor.open(
    FilePath(try temporary.write("input", input)), .readOnly, options: .closeOnExec)
  var changes: [Environment.Key: String?] = [:]
  for (name, value) in environment { changes[Environment.Key(stringLiteral: name)] = value }
  let result = try await Subprocess.run(
    program.contains("/") ? .path(FilePath(program)) : .name(program),
    arguments: Arguments(arguments), environment: .inherit.updating(changes),
    workingDirectory: directory.map { FilePath($0) },
    input: .fileDescriptor(inputFile, closeAfterSpawningProcess: true),
    output: .bytes(limit: 64 << 20), error: .string(limit: 1 << 20))
  let status: Int32 =
    switch result.terminationStatus {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  return Finished(
    status: status, output: result.standardOutput, error: result.standardError)
}

/// Runs a program that must succeed, and returns its standard output.
@discardableResult
package func runChecked(
  _ program: String, _ arguments: [String] = [], input: [UInt8] = [],
  environment: [String: String] = [:], in directory: String? = nil
) async throws -> [UInt8] {
  let finished = try await run(
    program, arguments, input: input, environment: environment, in: directory)
  guard finished.status == 0 else {
    throw ProgramFailure(
      description: "\(program) \(arguments.map { $0.prefix(60) }): exit status \(finished.status): "
        + finished.error)
  }
  return finished.output
}

/// Runs a program that must succeed, where nothing can be awaited.
package func runBlocking(_ path: String, _ arguments: [String]) throws {
  let process = try Process.run(URL(filePath: path), arguments: arguments)
  process.waitUntilExit()
  let status = process.terminationStatus
  guard status == 0 else {
    throw ProgramFailure(
      description: "\(path) \(arguments.map { $0.prefix(60) }): exit status \(status)")
  }
}

/// The path of an executable of this package, which was built beside the tests.
package func product(_ name: String) -> String {
  let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
  return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
}
