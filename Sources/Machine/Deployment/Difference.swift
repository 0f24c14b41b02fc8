internal import Plan
internal import SystemPackage
internal import Units

/// What a configuration changes on a machine; texts and names, never what a secret is.
package struct Difference: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case added, changed, removed
  }

  /// A thing that changes, and how.
  package struct Change: Sendable, Equatable {
    package let kind: Kind
    /// A unit, `secret NAME`, `job NAME` or a path.
    package let subject: String

    package init(_ kind: Kind, _ subject: String) {
      self.kind = kind
      self.subject = subject
    }
  }

  /// Units, by name.
  package var units: [String: UnitDifference] = [:]
  /// Files that belong to no unit, by path.
  package var files: [String: Kind] = [:]
  /// Secrets, by name.
  package var secrets: [String: Kind] = [:]
  /// Jobs, by name.
  package var jobs: [String: Kind] = [:]
  /// Whether anything else that is kept of the configuration changes, such as its identities.
  package var changesRest = false

  package var isEmpty: Bool {
    units.isEmpty && files.isEmpty && secrets.isEmpty && jobs.isEmpty && !changesRest
  }

  /// What a person is told: units, then files, jobs and secrets, each sorted. A script has a new name when it changes,
  /// and so its unit is told.
  package var lines: [Change] {
    var lines = units.sorted { $0.key < $1.key }.map { Change($0.value.kind, $0.key) }
    for (path, kind) in files.sorted(by: { $0.key < $1.key })
    where !FilePath(path).isBelow(Plan.filesDirectory) {
      lines.append(Change(kind, path))
    }
    lines += jobs.sorted { $0.key < $1.key }.map { Change($0.value, "job \($0.key)") }
    lines += secrets.sorted { $0.key < $1.key }.map { Change($0.value, "secret \($0.key)") }
    if lines.isEmpty && !isEmpty { lines.append(Change(.changed, "configuration")) }
    return lines
  }
}

/// How a unit changes.
package struct UnitDifference: Sendable, Equatable {
  package var kind: Difference.Kind
  /// Whether what the unit is changes, and not only who wants it or its other names.
  package var isRedefined: Bool
  /// Whether it is what is added to a packaged unit that changes.
  package var isDropIn: Bool
  /// Units that want, require or uphold it from now on.
  package var newWishes: [String]

  package init(
    _ kind: Difference.Kind, isRedefined: Bool = true, isDropIn: Bool = false,
    newWishes: [String] = []
  ) {
    self.kind = kind
    self.isRedefined = isRedefined
    self.isDropIn = isDropIn
    self.newWishes = newWishes
  }
}

/// What a path in a unit directory is for.
enum UnitRole: Equatable {
  /// The file of a unit, the link that masks it, or an addition to a packaged one.
  case definition(String, isDropIn: Bool)
  /// A link by which `of` wants, requires or upholds a unit.
  case wish(String, of: String)
  /// Another name of a unit.
  case alias(String)
  case none

  init(_ artifact: Artifact, in directories: Set<String>) {
    let path = FilePath(artifact.path)
    let parent = path.removingLastComponent()
    guard let name = path.lastComponent?.string else {
      self = .none
      return
    }
    if directories.contains(parent.string) {
      if case .link(let target) = artifact.content, target != "/dev/null" {
        self = .alias(FilePath(target).lastComponent?.string ?? target)
      } else {
        self = .definition(name, isDropIn: false)
      }
      return
    }
    guard directories.contains(parent.removingLastComponent().string),
      let owner = parent.lastComponent, let kind = owner.extension
    else {
      self = .none
      return
    }
    let unit = owner.stem
    self = kind == "d" ? .definition(unit, isDropIn: true) : .wish(name, of: unit)
  }
}
