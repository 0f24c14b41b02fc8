import Age
import Configuration
import Keyring
import Manifest
import Plan
import SystemFiles
import SystemPackage

/// Says when a backup cannot outlive the machine that it is of: every key that reads its password is there.
enum RecoveryWarning {
  /// The file of a repository that a new recovery key is put into until somebody moves it.
  static let recoveryFile: FilePath.Component = "recovery-key.txt"

  /// A warning for the jobs of a plan; nil if a key that is elsewhere reads each password, or if nothing tells who
  /// reads them: a cipher text says little, so what counts is the manifest near it.
  ///
  /// - Parameter configuration: the configuration's file, whose folder is as far up as manifests are looked for.
  static func text(for plan: Plan, configuration: FilePath) -> String? {
    var files: [FilePath: [String]] = [:]
    for job in plan.jobs {
      guard let secret = password(of: job, in: plan) else { continue }
      files[FilePath(secret.file).lexicallyNormalized(), default: []].append(job.name)
    }
    if files.isEmpty { return nil }
    let folder = absolute(configuration).removingLastComponent()
    var manifests: [FilePath: [FilePath]] = [:]
    for file in files.keys {
      if let manifest = manifest(near: file, upTo: folder) {
        manifests[manifest, default: []].append(file)
      }
    }
    let identities = plan.identityPaths.map { FilePath($0) }
    var jobs: [String] = []
    var leftHere: [FilePath] = []
    for (manifest, secrets) in manifests {
      let keys = publicKeys(of: secrets, in: manifest)
      let repository = manifest.removingLastComponent()
      let here = machineKeys(identities, repository)
      for (file, lines) in keys where areAll(lines, in: here) {
        jobs += files[file] ?? []
        leftHere += recoveryKey(in: repository).map { [$0] } ?? []
      }
    }
    return jobs.isEmpty ? nil : text(jobs: jobs.sorted(), recoveryKey: leftHere.first)
  }

  /// The warning for a repository whose secrets these keys read; nil if one of them is elsewhere.
  static func text(publicKeys: [String], repository: FilePath) -> String? {
    guard areAll(publicKeys, in: machineKeys([], repository)) else { return nil }
    return text(jobs: [], recoveryKey: recoveryKey(in: repository))
  }

  // MARK: The text

  private static func text(jobs: [String], recoveryKey: FilePath?) -> String {
    let subject =
      switch jobs.count {
      case 0: "the secrets"
      case 1: "the password of the backup \(jobs[0])"
      default: "the passwords of the backups \(jobs.joined(separator: ", "))"
      }
    let remedy =
      recoveryKey.map { "move \($0) to a place that is not on this machine, then delete it here" }
      ?? "make a recovery key (adage keygen) elsewhere, add its public key to secrets.nix, and run adage -r"
    return
      "every key that reads \(subject) is on this machine: if its disk dies, so does the backup; \(remedy)"
  }

  // MARK: Passwords

  /// The secret with a job's password: that of its password file, else that of its environment file.
  private static func password(of job: PlannedJob, in plan: Plan) -> PlannedSecret? {
    guard let path = job.environment["RESTIC_PASSWORD_FILE"] ?? job.environmentFile else {
      return nil
    }
    return plan.secrets.first { $0.path == path }
  }

  // MARK: Manifests

  /// `secrets.nix` in a file's directory or the nearest above it, not above `folder`.
  private static func manifest(near file: FilePath, upTo folder: FilePath) -> FilePath? {
    var directory = file.removingLastComponent()
    while true {
      let manifest = directory.appending("secrets.nix")
      if (try? FileStatus(manifest))?.kind == .regular { return manifest }
      guard directory != folder, directory.starts(with: folder), directory.lastComponent != nil
      else { return nil }
      directory = directory.removingLastComponent()
    }
  }

  /// The public keys of files' rules; what has no rule, or one that cannot be used, is left out.
  private static func publicKeys(
    of files: [FilePath], in path: FilePath
  ) -> [(file: FilePath, lines: [String])] {
    let console = Console(program: "adage", isVerbose: false)
    guard let process = try? ProcessContext.current(console),
      let world = try? process.world(evaluating: path, allowRead: false, console)
    else { return [] }
    let readRules = { (manifest: Manifest) throws(ManifestError) -> [Rule] in
      try manifest.rules().compactMap { try? $0.get() }
    }
    let found = try? Manifest.reading(path, world: world, meanwhile: {}, readRules)
    return (found ?? []).filter { files.contains($0.file) }.map { ($0.file, $0.publicKeys) }
  }

  // MARK: Keys

  /// The keys of this machine, with the one in the repository from where nobody has moved it.
  private static func machineKeys(_ identities: [FilePath], _ repository: FilePath) -> MachineKeys {
    var keys = MachineKeys(identities: identities)
    if let file = recoveryKey(in: repository) { keys.add(identities: file) }
    return keys
  }

  private static func areAll(_ lines: [String], in here: MachineKeys) -> Bool {
    let keyring = Keyring()
    return !lines.isEmpty
      && lines.allSatisfy { line in
        guard let recipient = try? keyring.recipient(line) else { return false }
        return here.contains(recipient)
      }
  }

  private static func recoveryKey(in repository: FilePath) -> FilePath? {
    let file = repository.appending(recoveryFile)
    return (try? FileStatus(file, followingLinks: false)) == nil ? nil : file
  }

  private static func absolute(_ path: FilePath) -> FilePath {
    let current = try? ProcessContext.current(Console(program: "adage", isVerbose: false))
    return current?.absolute(path.string) ?? path
  }
}
