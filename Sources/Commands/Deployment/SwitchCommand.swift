import ArgumentParser
import Configuration
import Deployment
import SystemFiles
import SystemPackage
import Units

/// `adage switch`: makes the machine what a configuration says, all or nothing.
struct SwitchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switch", abstract: "Make the machine what a configuration says.",
    discussion: """
      What changes is printed, a line each; then secrets are activated, and units, timers, scripts and the \
      commands restic-NAME are written, all or nothing. Of the units that change those that are active are \
      restarted or reloaded as they ask, but never a running backup. A second run changes nothing.

      The plan and the encrypted files are kept in /etc/adage, so that booting needs nothing else.
      """)

  @Argument(help: ArgumentHelp("The configuration.", valueName: "file"))
  var file: String

  @Flag(help: "Say what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "Write units below /run, for this run of the machine only.")
  var runtime = false

  @Flag(help: "Accept memory that may be swapped to a disk.")
  var allowSwap = false

  @Flag(help: "Refuse options that have no effect.")
  var strict = false

  @Flag(help: "Let the configuration read files outside its own repository.")
  var allowRead = false

  @Flag(name: .shortAndLong, help: "Say what is done.")
  var verbose = false

  func validate() throws {
    if file.isEmpty { throw ValidationError("<file> names no file") }
  }

  func run() async throws {
    let console = Console(program: "adage", isVerbose: verbose)
    let session = try DeploymentSession(
      "switch", console, allowSwap: allowSwap, needsSystemd: !dryRun)
    let lock = dryRun ? nil : try session.lock()
    let found = try evaluate(console)
    for option in found.notApplied { console.say("not applied: \(option)") }
    for warning in found.warnings { console.warn(warning) }
    try session.requireSense(of: found.plan)
    if let warning = RecoveryWarning.text(for: found.plan, configuration: FilePath(file)) {
      console.warn(warning)
    }
    let places = try session.places(isRuntime: runtime)
    let settings = DeploymentSettings(
      places: places, boot: session.boot(of: found.plan, at: places))
    let change = try session.deployment.change(to: found.plan, settings)
    try await session.carryOut(change, isDryRun: dryRun)
    if let lock { lock.release() }
  }

  private func evaluate(_ console: Console) throws -> Configuration {
    let variables = ProcessContext.variables()
    let found: Configuration
    do throws(ConfigurationError) {
      found = try Configuration.read(
        FilePath(file), .everything, machine: try LocalMachine.current(variables),
        rules: Configuration.Rules(allowRead: allowRead, environment: variables),
        onTrace: console.trace)
    } catch {
      throw ConfigurationFailure(error: error, path: file)
    }
    if strict, !found.notApplied.isEmpty {
      throw CommandFailure(
        "switch: options that have no effect here: \(found.notApplied.joined(separator: ", "))",
        hint: "leave out --strict to accept them")
    }
    return found
  }
}
