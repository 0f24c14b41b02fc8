internal import Programs
internal import SystemFiles
internal import SystemPackage

/// A script that runs, as root, when a job failed: what happened is in its environment, the journal's last lines are
/// its input.
struct CommandNotice: Sendable {
  let path: String
  let unit: String

  /// How long it may take, in seconds.
  static let patience = 60

  func environment(_ notice: JobNotice) -> [String: String] {
    plainEnvironment.merging([
      "HOME": "/root", "ADAGE_JOB": notice.job, "ADAGE_UNIT": "\(unit).service",
      "ADAGE_RESULT": notice.kind.rawValue, "ADAGE_STEP": notice.step ?? "",
      "ADAGE_REASON": notice.reason,
    ]) { $1 }
  }

  /// - Throws: `JobError` if it cannot be run, fails or takes too long.
  func run(_ notice: JobNotice) async throws(JobError) {
    let words = try Self.interpreter(of: path) + [path]
    // timeout ends what the script started, too.
    let program = Program(
      "timeout", ["--kill-after=5", String(Self.patience)] + words,
      environment: environment(notice), directory: "/")
    let lines = notice.lines.map { $0 + "\n" }.joined()
    let output: Program.Output
    do throws(ProgramError) {
      output = try await program.output(input: Array(lines.utf8), within: Self.patience + 10)
    } catch {
      throw JobError(.system, "\(error)")
    }
    switch output.ending {
    case .exited(0): return
    case .exited(124), .exited(137):
      throw JobError(.step, "it did not end within \(Self.patience) s")
    default:
      let said = output.errors.split(separator: "\n").last.map { ": \($0)" } ?? ""
      throw JobError(.step, "\(output.ending)\(said.cleaned(limit: 200))")
    }
  }

  /// What a script's first line says it is run by; bash if it does not.
  static func interpreter(of path: String) throws(JobError) -> [String] {
    do throws(SystemFilesError) {
      let bytes = try readFile(FilePath(path), limit: 1 << 20)
      guard bytes.starts(with: "#!".utf8) else { return ["bash"] }
      let line = String(
        decoding: bytes.dropFirst(2).prefix { $0 != 0x0a }.prefix(255), as: UTF8.self)
      // As the kernel does: one argument at most.
      let words = line.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
      let argument = words.dropFirst().first.map { String($0).cleaned(limit: 255) } ?? ""
      guard let program = words.first else { return ["bash"] }
      return [String(program)] + (argument.isEmpty ? [] : [argument])
    } catch {
      throw JobError(.system, "\(error)")
    }
  }
}
