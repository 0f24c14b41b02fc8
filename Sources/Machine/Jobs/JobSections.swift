/// The words that a job's unit gives to its runner: systemd has split, unquoted and expanded what the configuration
/// says, and marks tell where each part of it begins.
package struct JobSections: Sendable, Equatable {
  /// The words of each `-o`.
  package var options: [[String]] = []
  /// Of `restic backup`.
  package var backup: [String] = []
  /// Of `restic forget --prune`; nil if nothing is pruned.
  package var prune: [String]?
  /// Of `restic check`; nil if nothing is checked.
  package var check: [String]?
  /// The command whose output is backed up.
  package var command: [String]?

  /// Reads the words after the job's name.
  ///
  /// - Throws: `JobError` with the code `job` if they do not begin with a mark.
  package init(_ words: [String]) throws(JobError) {
    var rest = words[...]
    while let mark = rest.popFirst() {
      if mark == "::command" {
        // It is the last, and may have any words.
        command = Array(rest)
        return
      }
      let end = rest.firstIndex(where: Self.marks.contains) ?? rest.endIndex
      let part = Array(rest[..<end])
      rest = rest[end...]
      switch mark {
      case "::option": options.append(part)
      case "::backup": backup += part
      case "::prune": prune = (prune ?? []) + part
      case "::check": check = (check ?? []) + part
      default: throw JobError(.job, "`\(mark)' is before the first part of the command line")
      }
    }
  }

  private static let marks: Set = ["::option", "::backup", "::prune", "::check", "::command"]
}
