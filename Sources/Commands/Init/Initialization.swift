import Backblaze
import Configuration
import Glibc
import Keyring
import NewRepository
import SecretMemory
import SystemFiles
import SystemPackage

extension BackblazeError: Failure {}

/// One run of `adage init`: everything is asked and made in memory, then at Backblaze, then on the disk.
struct Initialization {
  private let command: InitCommand
  private let console: Console
  private let process: ProcessContext
  private let machine: LocalMachine
  /// Whose keys are looked for: who runs this, or who became root with sudo.
  private let user: UserAccount
  private let home: FilePath?
  /// The repository, absolute.
  private let folder: FilePath

  init(_ command: InitCommand, _ console: Console) throws {
    self.command = command
    self.console = console
    process = try .current(console)
    machine = try LocalMachine(environment: ProcessContext.variables())
    user = machine.invokingUser ?? machine.runningUser
    home = machine.invokingUser.map { FilePath($0.home) } ?? process.homeDirectory
    folder = process.absolute(command.folder)
  }

  func run() async throws {
    let files = NewFiles(folder: folder, owner: try owner())
    try checkNothingIsThere()
    try files.checkPlace()
    let found = FoundKeys(user: user.name, home: home, machine: machine)
    for path in found.unusable {
      console.warn("\(path) is of a type that nothing can be encrypted to")
    }
    let keys = try chooseKeys(found)
    let recovery = try chooseRecovery()
    let publicKeys = try self.publicKeys(keys, recovery)
    let made = try await InitializedFiles(
      command: command, console: console, process: process, user: user, home: home, keys: keys,
      publicKeys: publicKeys
    ).make(files, recovery)
    await tell(made, publicKeys, recoveryFile: recovery?.file)
  }

  // MARK: Before

  /// Who is to own what root makes for somebody: who became root with sudo, in a folder of his own.
  private func owner() throws -> UserAccount? {
    guard let invoking = machine.invokingUser else { return nil }
    var existing = folder
    while !NewFiles.exists(existing), existing.lastComponent != nil {
      existing = existing.removingLastComponent()
    }
    return try FileStatus(existing).owner == invoking.id ? invoking : nil
  }

  /// The names that must not be there yet.
  private var newNames: [String] {
    var names = ["secrets.nix"]
    if command.restic != nil {
      names += ["backup.nix", NewRepository.password]
      if command.target != .later { names.append(NewRepository.repository) }
      if command.b2 != nil { names.append(NewRepository.environment) }
    }
    return names
  }

  private func checkNothingIsThere() throws {
    for name in newNames where NewFiles.exists(folder.appending(FilePath(name).components)) {
      throw CommandFailure(
        "make \(folder.appending(FilePath(name).components)): it is there already",
        hint: "init begins a new repository; in one that there is, edit secrets.nix")
    }
  }

  // MARK: Keys

  private func chooseKeys(_ found: FoundKeys) throws -> [ChosenKey] {
    let choice = KeyChoice(user: user, home: home, machine: machine, process: process)
    if !command.keys.isEmpty { return try command.keys.map(choice.named) }
    if !found.keys.contains(where: { !$0.isHost }) {
      console.warn("there is no SSH key of \(user.name) to encrypt to")
      console.say("hint: `ssh-keygen -t ed25519` makes one")
    }
    let chosen =
      command.yes
      ? found.suggested.map { found.keys[$0] }
      : try Questions(
        about: "which keys are to read the secrets", otherwise: "--key FILE names one"
      )
      .chooseKeys(found, home: home)
    return chosen.map(ChosenKey.init)
  }

  private func chooseRecovery() throws -> RecoveryKey? {
    if command.noRecoveryKey { return nil }
    let standard = RecoveryWarning.recoveryFile.string
    if let given = command.recoveryKey {
      if given.hasPrefix("age1") || given.hasPrefix("ssh-") {
        return try RecoveryKey(publicKey: given)
      }
      return try RecoveryKey(newAt: try recoveryFile(given))
    }
    if command.yes {
      return try RecoveryKey(newAt: try recoveryFile(folder.appending(standard).string))
    }
    let questions = try Questions(
      about: "for the recovery key's file",
      otherwise: "--recovery-key and --no-recovery-key say it")
    let answer = try questions.chooseRecoveryFile(default: standard) { name in
      RecoveryKey.flaw(of: place(ofRecovery: name), in: folder)
    }
    return try answer.map { try RecoveryKey(newAt: place(ofRecovery: $0)) }
  }

  /// What is typed is relative to the repository for the standard name, else to the current directory.
  private func place(ofRecovery name: String) -> FilePath {
    if name == RecoveryWarning.recoveryFile.string { return folder.appending(name) }
    if name.hasPrefix("~/"), let home { return home.pushing(FilePath(String(name.dropFirst(2)))) }
    return process.absolute(name)
  }

  private func recoveryFile(_ name: String) throws(CommandFailure) -> FilePath {
    let file = place(ofRecovery: name)
    if let flaw = RecoveryKey.flaw(of: file, in: folder) {
      throw CommandFailure(
        "make a recovery key: \(flaw)", hint: "--recovery-key names another file")
    }
    return file
  }

  private func publicKeys(
    _ keys: [ChosenKey], _ recovery: RecoveryKey?
  ) throws -> [NewRepository.Key] {
    var all = keys.map(\.key)
    if let recovery {
      all.append(.init(owner: "recovery", line: recovery.recipient, remark: "kept offline"))
    }
    guard !all.isEmpty else {
      throw CommandFailure(
        "make secrets.nix: no key is to read the secrets",
        hint: "`ssh-keygen -t ed25519` makes a key; --recovery-key FILE makes one to keep offline")
    }
    return all
  }

  // MARK: After

  private func tell(
    _ made: InitializedFiles.Made, _ publicKeys: [NewRepository.Key], recoveryFile: FilePath?
  ) async {
    console.say("made \(made.files.names.joined(separator: ", ")) in \(folder)")
    var steps = made.steps
    switch await DiffDriver(folder: folder, owner: made.files.owner).set() {
    case .set: console.say("git diff shows the clear text of secrets to who may read them")
    case .noWorkTree: steps.append("\(DiffDriver.typed)   # in git's work tree, for git diff")
    case .failed(let reason):
      console.warn("git's diff driver could not be set: \(reason)")
      steps.append(DiffDriver.typed)
    }
    if let warning = RecoveryWarning.text(publicKeys: publicKeys.map(\.line), repository: folder) {
      console.warn(warning)
    } else if let file = recoveryFile {
      let advice =
        file.starts(with: folder)
        ? "move it to a place that is not on this machine, then delete it here"
        : "keep it where this machine is not"
      console.warn("\(file) is the recovery key: \(advice)")
    }
    for step in steps { console.say("next: \(step)") }
    console.warnIfUnlocked()
  }
}
