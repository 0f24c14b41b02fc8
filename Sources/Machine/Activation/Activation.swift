package import Keyring
package import Plan
import SystemFiles
package import SystemPackage

/// Installs a plan's secrets as a new generation that takes the old one's place at once.
package struct Activation: Sendable {
  package let plan: Plan
  /// A directory that stands for `/` in every path that is written; nil for the machine itself.
  package let root: FilePath?
  /// Whether a tmpfs that may be swapped to a disk is good enough where nothing better can be had.
  package let allowSwap: Bool

  /// What is done about secrets that do not open.
  package let extent: Extent

  /// How the identities are read, and who is asked for their passwords.
  let keyring: Keyring

  package enum Extent: Sendable {
    /// If one secret fails, nothing changes.
    case everything
    /// What fails is left out and reported, as at boot, where some secrets are better than none. If a secret that is
    /// live would be lost by that, nothing changes.
    case whatOpens
    /// The same, but nobody is asked for a password and no plugin runs: what only those would open waits. What is live of
    /// it stays as it is.
    case withoutAsking
  }

  package init(
    _ plan: Plan, root: FilePath? = nil, allowSwap: Bool = false, _ extent: Extent = .everything,
    keyring: Keyring = Keyring()
  ) {
    self.plan = plan
    self.root = root
    self.allowSwap = allowSwap
    self.extent = extent
    self.keyring = keyring
  }

  /// Decrypts everything, swaps the link, and removes what is not wanted any more.
  ///
  /// Until the swap nothing that is live changes, and on a failure what was prepared is removed.
  ///
  /// - Parameter onWait: is called once if another run has to end first.
  package func run(onWait: () -> Void = {}) throws(ActivationError) -> ActivationReport {
    let (tree, ownerships) = try prepare()
    // A directory for each secret, and one for each link or copy, may be open at once.
    raiseDescriptorLimit(to: UInt(256 + 4 * plan.secrets.count))
    var warnings: [String] = []
    let storage = try Storage(
      for: plan, in: tree, allowSwap: allowSwap, warnings: &warnings, onWait: onWait)
    let live = try touchingFiles { () throws(SystemFilesError) in
      extent == .everything ? nil : try LiveGeneration.current(of: plan, in: storage, tree)
    }
    let identities = Identities(
      at: plan.identityPaths, extent == .withoutAsking ? Keyring() : keyring)
    var selection = select(open(plan.secrets, with: identities), ownerships, live)
    let number = try touchingFiles { () throws(SystemFilesError) in
      try nextGeneration(in: storage, tree)
    }
    var report = ActivationReport(
      generation: number, directory: directory(of: number), secrets: [], links: [],
      copies: [], removed: [], warnings: warnings + identities.warnings)
    var failures: [String]
    do throws(ActivationError) {
      let generation = try touchingFiles { () throws(SystemFilesError) in
        try Generation(number, in: storage)
      }
      try write(&selection, identities, live, to: generation, storage)
      failures = try place(&selection, live, generation, storage, tree, &report)
    } catch {
      Leftovers.remove(generation: number, from: storage)
      throw error
    }
    Leftovers.sweep(keeping: number, plan, storage, tree, &report)
    report.secrets = selection.members.map(\.secret.name)
    report.deferred = selection.deferred
    if !selection.failures.isEmpty {
      report.failure = failure(selection.failures, identities, live: number)
    }
    guard failures.isEmpty else {
      throw ActivationError(
        .partlyApplied,
        "activate: generation \(number) is live, but \(counted(failures.count, "place")) elsewhere could not be changed",
        failures: failures + (report.failure?.failures ?? []))
    }
    return report
  }

  /// Everything that can be refused before anything is touched.
  func prepare() throws(ActivationError) -> (
    tree: Tree, ownerships: [Result<Ownership, SecretFailure>]
  ) {
    let problems = plan.problems()
    guard problems.isEmpty else {
      throw ActivationError(
        .plan, "activate: the plan cannot be carried out; nothing was changed",
        failures: problems.map(\.description))
    }
    let ownerships = Ownership.resolve(plan.secrets)
    if extent == .everything { try Ownership.requireAll(ownerships) }
    let tree = try touchingFiles { () throws(SystemFilesError) in try Tree(root: root) }
    let found = try touchingFiles { () throws(SystemFilesError) in
      try tree.status(of: FilePath(plan.secretsDirectory))
    }
    if let found, found.kind != .link {
      throw ActivationError(
        .occupied,
        "activate: \(plan.secretsDirectory) is \(found.kind.rawValue) and not a link of ours",
        hint: "move it away; the link to the secrets belongs there")
    }
    return (tree, ownerships)
  }
}
