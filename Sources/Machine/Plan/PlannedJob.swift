/// A backup job of restic (`services.restic.backups.NAME`), with every default filled in.
///
/// It holds no secret, and everybody on the machine may read it. Its unit is `restic-backups-NAME.service`, which has
/// its user, environment and directories.
package struct PlannedJob: Sendable, Equatable {
  package var name: String
  /// The account that the job runs as; the one that systemd makes for each run if `isDynamic`.
  package var user: String
  package var isDynamic: Bool
  /// The account's group, if not the user's own, and the groups that it has besides.
  package var group: String?
  package var supplementaryGroups: [String]
  /// restic's absolute path.
  package var restic: String
  /// What restic's environment says of the job: `RESTIC_*`, `RCLONE_*` and what else its unit has.
  package var environment: [String: String]
  /// Files with more of it, as systemd reads them; one that need not be there begins with `-`.
  package var environmentFiles: [String]
  /// What is backed up. As all lists of arguments here, pieces of command lines, which systemd's rules split.
  package var source: Source
  /// `extraBackupArgs`.
  package var backupArguments: [String]
  /// `extraOptions`, each for an `-o` on every call.
  package var options: [String]
  /// Whether a repository that is not there is made.
  package var initialize: Bool
  /// What is kept, for `restic forget --prune`; empty if everything is.
  package var pruneOptions: [String]
  /// Options of `restic check`; nil if nothing is checked.
  package var checkOptions: [String]?
  /// Scripts that run before and after; absolute paths.
  package var prepareCommand: String?
  package var cleanupCommand: String?
  /// Whether the machine may not sleep meanwhile.
  package var inhibitsSleep: Bool
  /// Whether a path that does not exist is a failure.
  package var strictPaths: Bool
  /// After how many seconds without a success somebody is to know; nil if never.
  package var maximumAge: Int?
  /// Whether there is a command `restic-NAME`.
  package var hasWrapper: Bool
  /// Whether its unit has no more rights than it needs.
  package var isHardened: Bool
  /// Whether its password and repository files reach it as systemd's credentials.
  package var usesCredentials: Bool
  package var notices: Notices

  /// What a job backs up.
  package struct Source: Sendable, Equatable {
    /// Patterns as `--files-from` reads them.
    package var paths: [String]
    /// A script that prints more of them; an absolute path.
    package var dynamicPaths: String?
    /// Patterns of what is left out.
    package var exclude: [String]
    /// A command whose standard output is backed up instead.
    package var command: [String]

    package init(
      paths: [String] = [], dynamicPaths: String? = nil, exclude: [String] = [],
      command: [String] = []
    ) {
      self.paths = paths
      self.dynamicPaths = dynamicPaths
      self.exclude = exclude
      self.command = command
    }

    package var hasPaths: Bool { !paths.isEmpty || dynamicPaths != nil }
    package var isEmpty: Bool { !hasPaths && command.isEmpty }
  }

  /// Who is told how a job ended.
  package struct Notices: Sendable, Equatable {
    /// Whose desktops show a failure; empty for nobody's, nil for everybody's who has a session.
    package var desktop: [String]?
    /// A script that runs on a failure; an absolute path.
    package var command: String?
    /// Where the start, success and failure are reported.
    package var url: String?
    /// A file that has that address, if it is a secret.
    package var urlFile: String?

    package init(
      desktop: [String]? = [], command: String? = nil, url: String? = nil, urlFile: String? = nil
    ) {
      self.desktop = desktop
      self.command = command
      self.url = url
      self.urlFile = urlFile
    }
  }

  package init(
    name: String, user: String = "root", isDynamic: Bool = false, group: String? = nil,
    supplementaryGroups: [String] = [], restic: String, environment: [String: String] = [:],
    environmentFiles: [String] = [], source: Source = Source(), backupArguments: [String] = [],
    options: [String] = [], initialize: Bool = false, pruneOptions: [String] = [],
    checkOptions: [String]? = nil, prepareCommand: String? = nil, cleanupCommand: String? = nil,
    inhibitsSleep: Bool = false, strictPaths: Bool = false, maximumAge: Int? = nil,
    hasWrapper: Bool = true, isHardened: Bool = false, usesCredentials: Bool = false,
    notices: Notices = Notices()
  ) {
    self.name = name
    self.user = user
    self.isDynamic = isDynamic
    self.group = group
    self.supplementaryGroups = supplementaryGroups
    self.restic = restic
    self.environment = environment
    self.environmentFiles = environmentFiles
    self.source = source
    self.backupArguments = backupArguments
    self.options = options
    self.initialize = initialize
    self.pruneOptions = pruneOptions
    self.checkOptions = checkOptions
    self.prepareCommand = prepareCommand
    self.cleanupCommand = cleanupCommand
    self.inhibitsSleep = inhibitsSleep
    self.strictPaths = strictPaths
    self.maximumAge = maximumAge
    self.hasWrapper = hasWrapper
    self.isHardened = isHardened
    self.usesCredentials = usesCredentials
    self.notices = notices
  }

  /// The first file that must be there for its environment.
  package var environmentFile: String? { environmentFiles.first { !$0.hasPrefix("-") } }

  /// What a credential has whose file is not there: without it systemd could not start the job, which is to tell.
  package static let missingCredential = "(this credential's file is not there)"

  /// The directory of its repository, if that is one of this machine and no secret.
  package var localRepository: String? {
    guard let text = environment["RESTIC_REPOSITORY"] else { return nil }
    let path = text.hasPrefix("local:") ? String(text.dropFirst("local:".count)) : text
    return path.hasPrefix("/") ? path : nil
  }

  /// The name of its units, without their kind.
  package var unit: String { "restic-backups-\(name)" }
}
