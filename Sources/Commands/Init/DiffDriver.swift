import Programs
import SystemFiles
import SystemPackage

/// git's diff driver for encrypted files, which shows their clear text to who may read it.
struct DiffDriver {
  /// What git runs, with the file's name behind it.
  static let command = "adage textconv"

  enum Outcome: Equatable {
    case set
    /// The folder is in no work tree of git's, or there is no git.
    case noWorkTree
    case failed(String)
  }

  let folder: FilePath
  /// Whose repository it is, where that is not who runs this.
  let owner: UserAccount?

  /// What a person types to set it.
  static var typed: String { "git config diff.adage.textconv '\(command)'" }

  /// Sets the driver in the configuration of the repository that the folder is in. What is clear text is not cached.
  func set() async -> Outcome {
    guard let found = try? await git(["rev-parse", "--is-inside-work-tree"]).output(),
      found.ending.isSuccess, found.text == "true\n"
    else { return .noWorkTree }
    for (key, value) in [("textconv", Self.command), ("cachetextconv", "false")] {
      do {
        let output = try await git(["config", "--local", "diff.adage.\(key)", value]).output()
        guard output.ending.isSuccess else {
          return .failed(output.errors.split(separator: "\n").last.map(String.init) ?? "")
        }
      } catch {
        return .failed("\(error)")
      }
    }
    return .set
  }

  private func git(_ arguments: [String]) -> Program {
    guard let owner else { return Program("git", arguments, directory: folder) }
    // A repository's own configuration can name programs, so that root leaves it to its owner.
    var environment = ProcessContext.variables()
    environment["HOME"] = owner.home
    return Program(
      "git", arguments, environment: environment,
      account: .init(user: owner.id, group: owner.groupID, groups: [owner.groupID]),
      directory: folder)
  }
}
