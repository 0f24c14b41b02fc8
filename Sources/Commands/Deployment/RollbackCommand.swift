import ArgumentParser
import Deployment
import SystemFiles
import Units

/// `adage rollback`: makes the configuration before the live one live again.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Go back to the configuration before.",
    discussion: """
      The configuration that the last switch replaced is applied as it was kept, with its secrets; a second \
      rollback undoes the first.
      """)

  @Flag(help: "Say what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "Accept memory that may be swapped to a disk.")
  var allowSwap = false

  @Flag(name: .shortAndLong, help: "Say what is done.")
  var verbose = false

  func run() async throws {
    let console = Console(program: "adage", isVerbose: verbose)
    let session = try DeploymentSession(
      "rollback", console, allowSwap: allowSwap, needsSystemd: !dryRun)
    guard session.deployment.isInstalled else {
      throw CommandFailure("rollback: nothing is installed")
    }
    let lock = dryRun ? nil : try session.lock()
    let program = try session.places(isRuntime: false).program
    try await session.carryOut(session.deployment.changeBack(program: program), isDryRun: dryRun)
    if let lock { lock.release() }
  }
}
