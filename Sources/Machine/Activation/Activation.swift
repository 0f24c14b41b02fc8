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

  /// How the identities are read, and who is asked for their passwords.
  let keyring: Keyring

  package init(
    _ plan: Plan, root: FilePath? = nil, allowSwap: Bool = false, keyring: Keyring = Keyring()
  ) {
    self.plan = plan
    self.root = root
    self.allowSwap = allowSwap
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
    let identities = Identities(at: plan.identityPaths, keyring)
    let opened = open(plan.secrets, with: identities)
    let number = try touchingFiles { () throws(SystemFilesError) in
      try nextGeneration(in: storage, tree)
    }
    var report = ActivationReport(
      generation: number, directory: directory(of: number), secrets: plan.secrets.map(\.name),
      links: [], copies: [], removed: [], warnings: warnings + identities.warnings)
    var failures: [String]
    do throws(ActivationError) {
      let generation = try touchingFiles { () throws(SystemFilesError) in
        try Generation(number, in: storage)
      }
      try write(opened, ownerships, identities, to: generation, storage)
      failures = try place(generation, ownerships, storage, tree, &report)
    } catch {
      Leftovers.remove(generation: number, from: storage)
      throw error
    }
    Leftovers.sweep(keeping: number, plan, storage, tree, &report)
    guard failures.isEmpty else {
      throw ActivationError(
        .partlyApplied,
        "activate: generation \(number) is live, but \(counted(failures.count, "place")) elsewhere could not be changed",
        failures: failures)
    }
    return report
  }

  /// Everything that can be refused before anything is touched.
  func prepare() throws(ActivationError) -> (tree: Tree, ownerships: [Ownership]) {
    let problems = plan.problems()
    guard problems.isEmpty else {
      throw ActivationError(
        .plan, "activate: the plan cannot be carried out; nothing was changed",
        failures: problems.map(\.description))
    }
    let ownerships = try Ownership.resolve(plan.secrets)
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
