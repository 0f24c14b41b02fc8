import Backblaze
import Jobs
import Plan
import SecretMemory
import SystemFiles
import SystemPackage

/// Whether the key of a job that backs up to Backblaze B2 may do all that restic does, which Backblaze is asked itself:
/// restic finds out only when it comes to it, at three in the morning.
struct B2Rights {
  /// What will fail.
  private(set) var problems: [String] = []
  /// What is worth knowing.
  private(set) var remarks: [String] = []

  /// Asks about a job's key; of a job that backs up elsewhere there is nothing to say.
  init(of job: PlannedJob) async {
    let variables = Self.variables(of: job)
    guard Self.repository(variables)?.hasPrefix("b2:") == true else { return }
    guard let id = variables["B2_ACCOUNT_ID"], let key = variables["B2_ACCOUNT_KEY"] else {
      problems = ["its environment lacks B2_ACCOUNT_ID or B2_ACCOUNT_KEY"]
      return
    }
    do {
      let missing = try await KeyCheck().missing(
        id: try SecretBytes(copying: Array(id.utf8)),
        key: try SecretBytes(copying: Array(key.utf8)))
      if !missing.needed.isEmpty {
        problems = ["its key lacks what restic needs: \(missing.needed.joined(separator: ", "))"]
      }
      if !missing.useful.isEmpty {
        remarks = [
          "its key lacks \(missing.useful.joined(separator: ", ")), which restic does without"
        ]
      }
    } catch let error as BackblazeError where error.code == .refused {
      problems = [error.reason]
    } catch {
      // That Backblaze cannot be asked says nothing of the key.
      remarks = ["\(error)"]
    }
  }

  /// The job's environment, with what its environment files say.
  private static func variables(of job: PlannedJob) -> [String: String] {
    var variables = job.environment
    for file in job.environmentFiles {
      let path = FilePath(file.hasPrefix("-") ? String(file.dropFirst()) : file)
      guard let bytes = try? readFile(path, limit: EnvironmentFile.largest),
        let more = try? EnvironmentFile.variables(of: bytes, commentsContinue: true)
      else { continue }
      variables.merge(more) { $1 }
    }
    return variables
  }

  private static func repository(_ variables: [String: String]) -> String? {
    if let repository = variables["RESTIC_REPOSITORY"] { return repository }
    guard let file = variables["RESTIC_REPOSITORY_FILE"],
      let bytes = try? readFile(FilePath(file), limit: 1 << 16)
    else { return nil }
    return String(decoding: bytes.drop { $0 == 0x20 || $0 == 0x0a }, as: UTF8.self)
  }
}
