internal import CSystemCalls
internal import Glibc
internal import Subprocess
package import SystemPackage

/// Another program, and how it is started: with whose rights, in what environment, where.
///
/// What is secret belongs in its input, never in its arguments, which everybody on the machine can read.
package struct Program: Sendable {
  /// A path, or a name that is looked up on this process's `PATH`.
  package var name: String
  package var arguments: [String]
  /// All of its environment; nil for this process's own.
  package var environment: [String: String]?
  /// Whose rights it has; nil for this process's own. Another's takes root.
  package var account: Account?
  package var directory: FilePath?

  /// A user's rights.
  package struct Account: Sendable, Equatable {
    package var user: UInt32
    package var group: UInt32
    /// The other groups that the user is in.
    package var groups: [UInt32]

    package init(user: UInt32, group: UInt32, groups: [UInt32] = []) {
      self.user = user
      self.group = group
      self.groups = groups
    }
  }

  package init(
    _ name: String, _ arguments: [String] = [], environment: [String: String]? = nil,
    account: Account? = nil, directory: FilePath? = nil
  ) {
    self.name = name
    self.arguments = arguments
    self.environment = environment
    self.account = account
    self.directory = directory
  }

  /// How a program ended.
  package enum Ending: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signal(Int32)

    package var isSuccess: Bool { self == .exited(0) }

    /// The status that a shell would give it.
    package var status: Int32 {
      switch self {
      case .exited(let status): status
      case .signal(let number): 128 + number
      }
    }

    package var description: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .signal(let number): "signal \(number)"
      }
    }
  }

  /// How a program ended, and what it wrote.
  package struct Output: Sendable {
    package let ending: Ending
    /// Standard output.
    package let bytes: [UInt8]
    /// Standard error.
    package let errors: String

    package var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// Runs the program to its end, with standard streams of its own.
  ///
  /// - Parameters:
  ///   - input: its standard input.
  ///   - limit: the most bytes that either of its outputs may have.
  /// - Throws: `ProgramError` if it cannot be started or writes more than that.
  package func output(
    input: [UInt8] = [], limit: Int = 1 << 20
  ) async throws(ProgramError) -> Output {
    do {
      let result = try await Subprocess.run(
        configuration,
        input: .fileDescriptor(try memory(with: input), closeAfterSpawningProcess: true),
        output: .bytes(limit: limit), error: .string(limit: limit))
      return Output(
        ending: Ending(result.terminationStatus), bytes: result.standardOutput,
        errors: result.standardError)
    } catch {
      throw ProgramError(name, error)
    }
  }

  /// Runs the program to its end on this process's own standard streams.
  ///
  /// - Throws: `ProgramError` if it cannot be started.
  package func run() async throws(ProgramError) -> Ending {
    do {
      let result = try await Subprocess.run(
        configuration, input: .currentStandardInput, output: .currentStandardOutput,
        error: .currentStandardError)
      return Ending(result.terminationStatus)
    } catch {
      throw ProgramError(name, error)
    }
  }

  /// The input as a file in memory: a program that reads none of a pipe would end this process with SIGPIPE.
  private func memory(with input: [UInt8]) throws -> FileDescriptor {
    let raw = unsafe adage_memory_file("adage")
    guard raw >= 0 else { throw Errno(rawValue: errno) }
    let file = FileDescriptor(rawValue: raw)
    do {
      try file.writeAll(input)
      try file.seek(offset: 0, from: .start)
      return file
    } catch {
      try? file.close()
      throw error
    }
  }

  var configuration: Subprocess.Configuration {
    let command = command
    return Subprocess.Configuration(
      executable: command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0]),
      arguments: Arguments(Array(command.dropFirst())),
      environment: environment.map { variables in
        .custom(
          Dictionary(
            uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) }))
      } ?? .inherit,
      workingDirectory: directory)
  }

  /// The program and its arguments.
  ///
  /// Another's rights are taken by `setpriv`, which has a single thread. Subprocess would take them in the child of a
  /// `clone3` that the C library knows nothing of: there `setgroups` waits, now and then for ever, for threads that the
  /// parent was just making.
  private var command: [String] {
    guard let account else { return [name] + arguments }
    let groups = account.groups.map(String.init).joined(separator: ",")
    return [
      "/usr/bin/setpriv", "--reuid=\(account.user)", "--regid=\(account.group)",
      groups.isEmpty ? "--clear-groups" : "--groups=\(groups)", "--", name,
    ] + arguments
  }
}

extension Program.Ending {
  init(_ status: TerminationStatus) {
    switch status {
    case .exited(let code): self = .exited(code)
    case .signaled(let number): self = .signal(number)
    }
  }
}

/// A program could not be run.
package struct ProgramError: Error, Sendable, CustomStringConvertible {
  package let description: String

  init(description: String) { self.description = description }

  init(_ program: String, _ error: any Error) {
    // Neither the arguments nor what was written belongs in a message.
    let reason = (error as? SubprocessError).map { $0.description } ?? "\(error)"
    description = "run \(program): \(reason)"
  }
}
