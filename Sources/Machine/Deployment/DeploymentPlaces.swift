package import SystemPackage
package import Units

/// What is kept of configurations, beside the link to the live one.
extension Places {
  /// `/etc/adage`.
  package var home: FilePath { FilePath(current).removingLastComponent() }
  /// The link to the configuration that was live before.
  package var previous: FilePath { home.appending("previous") }
  /// A directory for each configuration that is kept.
  package var configurations: FilePath { home.appending("configurations") }
  /// What was written elsewhere.
  package var record: FilePath { home.appending("record.json") }
  /// The directory of a configuration.
  package func configuration(_ number: Int) -> FilePath {
    configurations.appending(String(number))
  }
  /// Where units wait while systemd looks at them.
  package var staging: FilePath { "/run/adage/units" }

  /// Those of units that the next start of the machine takes away.
  package static func untilRestart(program: String) -> Places {
    Places(
      units: "/run/systemd/system", temporaryFiles: "/run/tmpfiles.d/adage.conf", program: program)
  }
}
