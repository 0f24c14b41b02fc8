/// Where on a machine things are, each an absolute path.
package struct Places: Sendable, Equatable {
  /// Units: `/etc/systemd/system`, or `/run/systemd/system` for those that a restart of the machine takes away.
  package var units: String
  /// Wrappers of restic.
  package var commands: String
  /// The file for systemd-tmpfiles.
  package var temporaryFiles: String
  /// The program itself, as units start it.
  package var program: String
  /// The configuration that is live: a link to a directory with `plan.json` and `jobs/NAME.json`.
  package var current: String

  package init(
    units: String = "/etc/systemd/system", commands: String = "/usr/local/bin",
    temporaryFiles: String = "/etc/tmpfiles.d/adage.conf", program: String,
    current: String = "/etc/adage/current"
  ) {
    self.units = units
    self.commands = commands
    self.temporaryFiles = temporaryFiles
    self.program = program
    self.current = current
  }
}
