internal import Plan

/// What a backup does not need and its unit therefore may not do (systemd.exec(5), "Sandboxing").
struct Hardening {
  private let job: PlannedJob

  init(_ job: PlannedJob) { self.job = job }

  var settings: [UnitSetting] {
    (fileSystem + [
      ("CapabilityBoundingSet", capabilities),
      ("LockPersonality", "yes"),
      ("MemoryDenyWriteExecute", "yes"),
      ("NoNewPrivileges", "yes"),
      ("PrivateDevices", "yes"),
      ("ProtectClock", "yes"),
      ("ProtectControlGroups", "yes"),
      ("ProtectHostname", "yes"),
      ("ProtectKernelLogs", "yes"),
      ("ProtectKernelModules", "yes"),
      ("ProtectKernelTunables", "yes"),
      ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK"),
      ("RestrictNamespaces", "yes"),
      ("RestrictRealtime", "yes"),
      ("RestrictSUIDSGID", "yes"),
      ("SystemCallArchitectures", "native"),
      ("SystemCallFilter", "@system-service"),
      ("UMask", "0077"),
    ]).map { UnitSetting($0.0, $0.1) }
  }

  /// Nothing is written but the cache and a repository on this machine, whose directory is there when the job starts.
  /// Where that is may be a secret: then only the system's own directories are closed.
  private var fileSystem: [(String, String)] {
    switch repository {
    case .elsewhere: [("ProtectSystem", "strict"), ("ProtectHome", "read-only")]
    case .here(let path):
      [("ProtectSystem", "strict"), ("ReadWritePaths", "-\(quoted(path))")]
    case .unknown: [("ProtectSystem", "full")]
    }
  }

  /// Root reads everybody's files. Where the repository may be a directory of somebody else, it writes there, too.
  private var capabilities: String {
    if job.user != "root" { return "" }
    if case .elsewhere = repository { return "CAP_DAC_READ_SEARCH" }
    return "CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH"
  }

  private enum Repository {
    case elsewhere
    case here(String)
    case unknown
  }

  private var repository: Repository {
    if let path = job.localRepository { return .here(path) }
    guard let text = job.environment["RESTIC_REPOSITORY"] else { return .unknown }
    // rclone and ssh write files of their own.
    let remote = ["azure:", "b2:", "gs:", "rest:", "s3:", "swift:"]
    return remote.contains { text.hasPrefix($0) } ? .elsewhere : .unknown
  }
}
