import Age
import Backblaze
import Keyring
import NewRepository
import SecretMemory
import SystemFiles
import SystemPackage

/// Makes the files of a new repository, and what of them is made elsewhere.
struct InitializedFiles {
  let command: InitCommand
  let console: Console
  let process: ProcessContext
  let user: UserAccount
  let home: FilePath?
  let keys: [ChosenKey]
  /// Those and the recovery key.
  let publicKeys: [NewRepository.Key]

  /// What is there now, and what is left to do.
  struct Made {
    let files: NewFiles
    let steps: [String]
  }

  /// Makes everything. What is made at Backblaze comes before the first file: if that fails, there is none, and a key
  /// that was made for files which cannot be written is removed.
  func make(_ files: NewFiles, _ recovery: RecoveryKey?) async throws -> Made {
    var files = files
    files.add("secrets.nix", Array(NewRepository(keys: publicKeys).manifest.utf8))
    try addLines(to: &files)
    guard let name = command.restic else {
      try files.write(recovery)
      return Made(
        files: files,
        steps: ["adage -e \(NewRepository.password)   # and others, once secrets.nix has a rule"])
    }
    var secrets = try NewSecrets(publicKeys: publicKeys.map(\.line))
    try secrets.addPassword()
    if let repository = command.target.repository { try secrets.addRepository(repository) }
    files.add("backup.nix", Array(module(name).text.utf8))
    guard case .bucket(let bucket) = command.target, let b2 = await BackblazeCommand.find() else {
      try adding(secrets, to: files).write(recovery)
      return Made(files: adding(secrets, to: files), steps: steps(name, hasKey: false))
    }
    let made = try await b2.makeBucket(bucket)
    console.say(
      made ? "made the bucket \(bucket)" : "the bucket \(bucket) is there already, as it should be")
    let key = try await b2.makeKey(for: bucket)
    do {
      try secrets.addEnvironment(key.environment)
      try adding(secrets, to: files).write(recovery)
    } catch {
      await remove(key.id, b2)
      throw error
    }
    console.say("made the key \(key.id) for the bucket \(bucket) alone")
    if !key.withheld.isEmpty {
      console.warn(
        "\(b2.name) \(b2.version) does not give it \(key.withheld.joined(separator: ", "))")
    }
    return Made(files: adding(secrets, to: files), steps: steps(name, hasKey: true))
  }

  // MARK: Files

  private func adding(_ secrets: NewSecrets, to files: NewFiles) -> NewFiles {
    var files = files
    for file in secrets.files { files.add(file.name, file.bytes) }
    return files
  }

  /// Adds what git should know of the files to what is there of it already.
  private func addLines(to files: inout NewFiles) throws {
    let ignored = RecoveryWarning.recoveryFile.string
    for (name, change) in [
      (".gitignore", { NewRepository.ignoring(ignored, in: $0) }),
      (".gitattributes", { NewRepository.attributes(in: $0) }),
    ] as [(String, (String?) -> String)] {
      let path = files.folder.appending(name)
      let before =
        NewFiles.exists(path)
        ? String(decoding: try readFile(path, limit: 1 << 20, followingLinks: false), as: UTF8.self)
        : nil
      let after = change(before)
      if after != before { files.add(name, Array(after.utf8)) }
    }
  }

  /// Takes a key back that nothing was made of.
  private func remove(_ id: String, _ b2: BackblazeCommand) async {
    do throws(BackblazeError) {
      try await b2.removeKey(id)
    } catch {
      console.warn("the key \(id) was made for nothing, and is still there: \(error)")
    }
  }

  // MARK: The job

  private func module(_ name: String) -> BackupModule {
    var module = BackupModule(
      name: name, user: user.name, paths: command.paths.map { process.absolute($0).string },
      identity: identity(), hasEnvironment: command.target.hasEnvironment)
    let folders = ["documents", "Documents"]
    let existing = folders.first { folder in
      home.map { (try? FileStatus($0.appending(folder)))?.kind == .directory } ?? false
    }
    module.defaultFolder = existing ?? folders[0]
    return module
  }

  /// What opens the secrets on this machine: the host's key, which needs no mention, else the user's.
  private func identity() -> BackupModule.Identity? {
    if keys.contains(where: \.isHost) { return nil }
    guard var file = keys.lazy.compactMap(\.privateKey).first else {
      console.warn(
        "no key of this machine reads the secrets: age.identityPaths must name one that does")
      return nil
    }
    let asks = (try? Keyring().identities(at: file))?.contains(where: \.asksSomebody) ?? false
    if asks {
      console.warn("\(file) is protected by a password, which a backup would have to wait for")
      console.say("hint: `sudo ssh-keygen -A` makes host keys, which need none")
    }
    // Where HOME says something else, the configuration would look elsewhere.
    if file.removePrefix(FilePath(user.home)) { return .inHome(file.string) }
    return .at(file.string)
  }

  // MARK: What is left to do

  private func steps(_ name: String, hasKey: Bool) -> [String] {
    var steps: [String] = []
    if case .bucket(let bucket) = command.target, !hasKey {
      console.warn("there is neither b2 nor backblaze-b2, which would make the bucket and its key")
      steps += BackblazeCommand.calls(bucket: bucket)
      steps.append(
        "adage -e \(NewRepository.environment)   # two lines, of what the second call prints: "
          + "B2_ACCOUNT_ID=… and B2_ACCOUNT_KEY=…")
    } else if command.target.hasEnvironment && !hasKey {
      steps.append(
        "adage -e \(NewRepository.environment)   # what restic wants in its environment, a line NAME=VALUE each"
      )
    }
    if command.target == .later {
      steps.append("adage -e \(NewRepository.repository)   # the repository, such as b2:BUCKET")
    }
    steps.append("sudo adage switch backup.nix")
    steps.append("sudo systemctl start restic-backups-\(name)")
    return steps
  }
}
