import ArgumentParser
import Deployment
import SystemFiles

/// `adage uninstall`: takes away all that `switch` brought.
struct UninstallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Take away all that switch brought.",
    discussion: """
      Units, timers, scripts and commands are stopped and removed, and secrets are taken out of memory. What \
      somebody changed since adage wrote it stays, and is named. Repositories of backups are never touched; \
      what is known of past runs stays unless --purge is given.
      """)

  @Flag(help: "Remove what is known of past runs, too (/var/lib/adage).")
  var purge = false

  @Flag(name: .shortAndLong, help: "Say what is done.")
  var verbose = false

  func run() async throws {
    let console = Console(program: "adage", isVerbose: verbose)
    let session = try DeploymentSession(
      "uninstall", console, allowSwap: true, needsSystemd: true)
    let deployment = session.deployment
    guard deployment.isInstalled else {
      throw CommandFailure("uninstall: nothing is installed")
    }
    let lock = try session.lock()
    let report = try await deployment.uninstall(isPurging: purge)
    for unit in report.stopped { try console.print("stopped \(unit)\n") }
    for path in report.removed { try console.print("removed \(path)\n") }
    for path in report.kept {
      console.warn("\(path) is not as adage wrote it, or is not adage's: it stays")
    }
    lock.release()
    guard report.failures.isEmpty else {
      throw DeploymentError(
        .partlyApplied, "uninstall: not everything went as it should", failures: report.failures)
    }
    if !purge, (try? FileStatus(Deployment.state)) != nil {
      console.say("what is known of past runs stays in \(Deployment.state)")
    }
  }
}
