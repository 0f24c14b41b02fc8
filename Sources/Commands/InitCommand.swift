import ArgumentParser
import Backblaze
import NewRepository

/// `adage init`: begins a repository of secrets.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Begin a repository of secrets.",
    discussion: """
      Finds your SSH public keys and this machine's, asks which are to read the secrets, and makes a \
      recovery key to keep offline. Writes secrets.nix, .gitignore and .gitattributes, all or none, and \
      lets git show differences of encrypted files to who may read them.

      With --restic NAME there is a backup job in backup.nix too, with a new password in \
      restic/password.age. --b2 BUCKET makes, with Backblaze's own command, a private bucket for it and \
      a key for that bucket alone, which goes straight into restic/env.age. The command must have been \
      authorized, or find B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY in the environment. A bucket that \
      is there already is taken if it is just as it would have been made.
      """)

  @Argument(help: ArgumentHelp("Where; made if it is not there.", valueName: "folder"))
  var folder: String = "."

  @Flag(name: .shortAndLong, help: "Ask nothing: take the keys that would be suggested.")
  var yes = false

  @Option(
    name: .customLong("key"),
    help: ArgumentHelp(
      "A key that reads the secrets: a file with a public key, or the key. May be repeated.",
      valueName: "file"))
  var keys: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where the new recovery key goes, or the public key of one that there is.",
      valueName: "file"))
  var recoveryKey: String?

  @Flag(help: "Make no recovery key.")
  var noRecoveryKey = false

  @Option(help: ArgumentHelp("Make a backup job of restic.", valueName: "name"))
  var restic: String?

  @Option(
    name: .customLong("path"),
    help: ArgumentHelp("What it backs up; may be repeated.", valueName: "path"))
  var paths: [String] = []

  @Option(help: ArgumentHelp("The repository that it backs up to.", valueName: "repository"))
  var repository: String?

  @Option(help: ArgumentHelp("Make a bucket of Backblaze B2 for it.", valueName: "bucket"))
  var b2: String?

  func validate() throws {
    if folder.isEmpty { throw ValidationError("<folder> names no directory") }
    if recoveryKey?.isEmpty == true { throw ValidationError("--recovery-key names no file") }
    if recoveryKey != nil && noRecoveryKey {
      throw ValidationError("--recovery-key and --no-recovery-key contradict each other")
    }
    if let restic {
      guard BackupModule.isName(restic) else {
        throw ValidationError("'\(restic)' is no name for a job: letters, digits, '-', '_' and '.'")
      }
    } else if b2 != nil || repository != nil || !paths.isEmpty {
      throw ValidationError("--path, --repository and --b2 belong to --restic NAME")
    }
    if b2 != nil && repository != nil {
      throw ValidationError("--b2 and --repository say the same thing; give one of them")
    }
    if let b2, !BackblazeCommand.isBucketName(b2) {
      throw ValidationError(
        "'\(b2)' is no name for a bucket: 6 to 63 letters, digits and '-', not 'b2-…'")
    }
    guard target.isKnown else {
      throw ValidationError(
        "'\(repository ?? "")' is no repository: an absolute path, or one of restic's kinds (sftp:, s3:, …)"
      )
    }
  }

  /// What is backed up to.
  var target: BackupTarget {
    if let b2 { return .bucket(b2) }
    return repository.map { .repository($0) } ?? .later
  }

  func run() async throws {
    try await Initialization(self, Console(program: "adage", isVerbose: false)).run()
  }
}
