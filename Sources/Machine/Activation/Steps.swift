internal import Plan
import SystemFiles
internal import SystemPackage

extension Activation {
  /// The path of a generation, as seen from inside the root.
  func directory(of generation: Int) -> String { "\(plan.secretsMountPoint)/\(generation)" }

  /// One more than the number of anything that is there, so that a cut run's leftovers are not in
  /// the way.
  func nextGeneration(
    in storage: borrowing Storage, _ tree: Tree
  ) throws(SystemFilesError) -> Int {
    let names = try storage.directory.entries()
    let numbers = names.compactMap {
      Generation.number(ofDirectory: $0) ?? Record.generation(ofFile: $0)
    }
    let live = try tree.linkTarget(of: FilePath(plan.secretsDirectory))?.lastComponent
    let highest = (numbers + [live.flatMap(Generation.number)].compactMap { $0 }).max() ?? 0
    return highest + 1
  }

  /// Writes every secret that was selected into the generation, or lists all that are in the way.
  func write(
    _ selection: inout Selection, _ identities: Identities, _ live: LiveGeneration?,
    to generation: borrowing Generation, _ storage: borrowing Storage
  ) throws(ActivationError) {
    let failed = try touchingFiles { () throws(SystemFilesError) in
      try generation.write(selection.members, storage.attributes)
    }
    selection.fail(failed)
    let isEmpty = selection.members.isEmpty && selection.deferred.isEmpty
    guard selection.failures.isEmpty || !isEmpty && mayGoOn(without: selection.failures, live)
    else { throw failure(selection.failures, identities) }
  }

  /// Whether the secret itself, and not a link, is to be at a path elsewhere.
  func isCopy(_ secret: PlannedSecret) -> Bool { !secret.symlink && !plan.isAtDefaultPath(secret) }

  /// Stages what belongs elsewhere, swaps the link, and puts the rest in its place.
  ///
  /// - Returns: what could not be put in its place once the link was swapped.
  func place(
    _ selection: inout Selection, _ live: LiveGeneration?, _ generation: borrowing Generation,
    _ storage: borrowing Storage, _ tree: Tree, _ report: inout ActivationReport
  ) throws(ActivationError) -> [String] {
    warnOfForeignPredecessor(tree, &report)
    let elsewhere = selection.members.filter { !plan.isAtDefaultPath($0.secret) }
    let link = Record.Entry.link(
      path: plan.secretsDirectory, target: directory(of: generation.number))
    var placement = Placement(
      paths: elsewhere.map(\.secret.path) + [plan.secretsDirectory])
    do throws(ActivationError) {
      let number = generation.number
      try touchingFiles { () throws(SystemFilesError) in
        try Record(entries: placement.leftovers).write(generation: number, in: storage.directory)
      }
      selection.failures += try stage(elsewhere, &placement, live, generation, tree)
      for entry in selection.kept { placement.keep(entry) }
      try touchingFiles { () throws(SystemFilesError) in
        let record = Record(entries: [link] + placement.entries + placement.leftovers)
        try record.write(generation: number, in: storage.directory)
        try swapLink(
          to: number, by: placement.temporaryName(beside: plan.secretsDirectory), tree)
      }
    } catch {
      placement.undo()
      throw error
    }
    report.links = placement.links
    report.copies = placement.copies
    report.warnings += placement.warnings
    let record = Record(entries: [link] + placement.entries)
    let failures = placement.commit()
    // Without it the next run looks for temporary files that are not there any more.
    try? record.write(generation: generation.number, in: storage.directory)
    return failures
  }

  /// - Returns: what the generation becomes live without.
  private func stage(
    _ elsewhere: [Selection.Member], _ placement: inout Placement, _ live: LiveGeneration?,
    _ generation: borrowing Generation, _ tree: Tree
  ) throws(ActivationError) -> [SecretFailure] {
    var failures: [SecretFailure] = []
    var isLoss = false
    for member in elsewhere {
      let secret = member.secret
      do throws(SystemFilesError) {
        if member.isCopy {
          try placement.stageCopy(
            at: secret.path, of: generation.copy(member.index), member.ownership, in: tree)
        } else {
          try placement.stageLink(
            at: secret.path, to: plan.defaultPath(ofName: secret.name), member.ownership, in: tree)
        }
      } catch {
        failures.append(SecretFailure(secret, "\(error)"))
        isLoss = isLoss || live?.entries(at: secret.path).isEmpty == false
      }
    }
    guard failures.isEmpty || extent != .everything && !isLoss else {
      throw ActivationError(
        .placement,
        "activate: \(counted(failures.count, "secret")) cannot be put where the plan wants it; nothing was changed",
        failures: failures.map(\.message))
    }
    return failures
  }

  /// The one step that makes the new generation live.
  private func swapLink(
    to generation: Int, by temporary: FilePath.Component, _ tree: Tree
  ) throws(SystemFilesError) {
    let path = FilePath(plan.secretsDirectory)
    let parent = try tree.directory(at: path.removingLastComponent(), making: .ours)
    let link = try StagedFile.link(
      to: FilePath(directory(of: generation)), replacing: name(of: path), in: parent,
      temporary: temporary)
    // Nothing may fail once the link is swapped: what is live would be removed. There is nothing to keep on a disk, either.
    try link.commit(synchronizing: false)
  }

  /// What an earlier configuration left in another mount point is not ours to judge.
  private func warnOfForeignPredecessor(_ tree: Tree, _ report: inout ActivationReport) {
    let link = FilePath(plan.secretsDirectory)
    guard let target = try? tree.linkTarget(of: link),
      target.removingLastComponent() != FilePath(plan.secretsMountPoint),
      (try? tree.status(of: target)) != nil
    else { return }
    report.warnings.append(
      "\(link) led to \(target), which stays as it is; remove it if it is not needed any more")
  }
}
