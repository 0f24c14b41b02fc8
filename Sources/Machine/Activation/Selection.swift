import Age
import Keyring
internal import Plan
import SystemFiles

/// What a run makes of a plan's secrets: what goes into the new generation, and why the rest does not.
struct Selection {
  /// A secret that goes into the generation.
  struct Member: Sendable {
    enum Content: Sendable {
      case encrypted(OpenedSecret)
      /// What the live generation has.
      case live(LiveFile)
    }

    /// Its place in the plan.
    let index: Int
    let secret: PlannedSecret
    let ownership: Ownership
    /// Whether the secret itself, and not a link, is to be elsewhere.
    let isCopy: Bool
    let content: Content
  }

  /// In the plan's order.
  var members: [Member] = []
  /// The names of those that wait until somebody can be asked.
  var deferred: [String] = []
  /// Copies elsewhere of secrets that wait, which stay as they are.
  var kept: [Record.Entry] = []
  var failures: [SecretFailure] = []

  /// Takes out what failed.
  mutating func fail(_ failed: [SecretFailure]) {
    let names = Set(failed.map(\.name))
    if !names.isEmpty { members.removeAll { names.contains($0.secret.name) } }
    failures += failed
  }
}

extension Activation {
  /// Sorts the secrets by what can be done with them now.
  func select(
    _ opened: [Result<OpenedSecret, SecretFailure>],
    _ ownerships: [Result<Ownership, SecretFailure>], _ live: LiveGeneration?
  ) -> Selection {
    var selection = Selection()
    for (index, secret) in plan.secrets.enumerated() {
      switch (opened[index], ownerships[index]) {
      case (.success(let opened), .success(let ownership)):
        selection.members.append(
          .init(
            index: index, secret: secret, ownership: ownership, isCopy: isCopy(secret),
            content: .encrypted(opened)))
      case (.failure(let failure), .success(let ownership))
      where extent == .withoutAsking && failure.needsSomebody:
        selection.deferred.append(secret.name)
        if isCopy(secret) {
          selection.kept += live?.copies(at: secret.path) ?? []
        } else if let file = live?.file(of: secret) {
          selection.members.append(
            .init(
              index: index, secret: secret, ownership: ownership, isCopy: false,
              content: .live(file)))
        }
      case (.failure(let failure), _), (_, .failure(let failure)):
        selection.failures.append(failure)
      }
    }
    return selection
  }

  /// Whether the generation may become live without what failed: nobody loses a secret by that.
  func mayGoOn(without failed: [SecretFailure], _ live: LiveGeneration?) -> Bool {
    if failed.isEmpty { return true }
    if extent == .everything { return false }
    guard let live else { return true }
    let names = Set(failed.map(\.name))
    return !plan.secrets.contains { secret in
      names.contains(secret.name)
        && (isCopy(secret) ? !live.copies(at: secret.path).isEmpty : live.file(of: secret) != nil)
    }
  }

  /// The names of the secrets that do not open without a password or a plugin, in the plan's order; nobody is asked.
  package func secretsThatAsk() -> [String] {
    let identities = Identities(at: plan.identityPaths, Keyring())
    guard identities.usable.contains(where: \.asksSomebody) else { return [] }
    return zip(plan.secrets, open(plan.secrets, with: identities)).compactMap { secret, opened in
      if case .failure(let failure) = opened, failure.needsSomebody { secret.name } else { nil }
    }
  }
}
