import Activation
import Age
import ArgumentParser
import Configuration
import Keyring
import Plan
import SystemPackage
import Units

/// `adage activate`: decrypts a machine's secrets into a new generation, all or none.
struct ActivateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate", abstract: "Decrypt a machine's secrets into memory, all or none.",
    discussion: """
      The secrets of the configuration's age.* options are decrypted into a new generation below \
      /run/agenix.d (for a user, below $XDG_RUNTIME_DIR), and /run/agenix is made to point to it in \
      one step. If any secret fails, all failures are listed and the old generation stays. \
      At boot, where there is none to keep, the secrets that can be had are installed.
      """)

  @Option(help: ArgumentHelp("A module, or the plan that --print-plan wrote.", valueName: "file"))
  var configuration: String

  @Flag(help: "Print the resolved plan of the secrets as JSON and do nothing.")
  var printPlan = false

  @Flag(help: "Say what would change, and change nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Install below this directory, for images and tests.", valueName: "directory"))
  var root: String?

  @Flag(help: "Accept memory that may be swapped to a disk.")
  var allowSwap = false

  @Flag(help: "As root, let the configuration read files outside its own repository.")
  var allowRead = false

  /// For whom secrets are activated, where that is no person at a terminal.
  enum Caller: String, EnumerableFlag {
    case boot
    case late
    case agent

    static func help(for value: Caller) -> ArgumentHelp? {
      switch value {
      case .boot:
        "As a machine boots: install what opens without asking anybody, and leave the rest for --late."
      case .late:
        "As --boot, but ask for passwords through systemd-ask-password, and use plugins."
      case .agent: "Ask for passwords through systemd-ask-password, not on the terminal."
      }
    }
  }

  @Flag(exclusivity: .exclusive)
  var caller: Caller?

  @Flag(name: .shortAndLong, help: "Say what is done.")
  var verbose = false

  func validate() throws {
    // As from a variable that is not set: the directory must not become the machine's own root.
    if root?.isEmpty == true { throw ValidationError("--root names no directory") }
    if configuration.isEmpty { throw ValidationError("--configuration names no file") }
  }

  func run() throws {
    let console = Console(program: "adage", isVerbose: verbose)
    let variables = ProcessContext.variables()
    let found = try read(variables, console)
    for option in found.notApplied { console.say("not applied: \(option)") }
    for warning in found.warnings { console.warn(warning) }
    if printPlan {
      try console.print(found.plan.json())
      return
    }
    let prompter: any Prompter =
      caller == nil
      ? TerminalPrompter(console: console)
      : AskPasswordPrompter(console: console, patience: Boot.patience)
    let activation = Activation(
      found.plan, root: root.map { FilePath($0) }, allowSwap: allowSwap, caller.extent,
      keyring: .asking(prompter))
    if dryRun {
      try show(activation.preview(), console)
    } else if caller == .boot, activation.isDone {
      console.say("the secrets are there already")
    } else {
      let report = try activation.run { console.say("waiting for another activation to end") }
      tell(report, console)
      if let failure = report.failure { throw failure }
    }
  }

  private func read(
    _ variables: [String: String], _ console: Console
  ) throws -> Configuration {
    let machine = try LocalMachine(environment: variables)
    do throws(ConfigurationError) {
      return try Configuration.read(
        FilePath(configuration), .secrets, machine: machine,
        rules: Configuration.Rules(allowRead: allowRead, environment: variables),
        onTrace: console.trace)
    } catch {
      throw ConfigurationFailure(error: error, path: configuration)
    }
  }

  /// What would change, on standard output, a line each.
  private func show(_ preview: ActivationPreview, _ console: Console) throws {
    for warning in preview.warnings { console.warn(warning) }
    for change in preview.changes {
      let details = change.details.isEmpty ? "" : " (\(change.details.joined(separator: ", ")))"
      try console.print("\(change.kind.rawValue) \(change.path)\(details)\n")
    }
  }

  private func tell(_ report: ActivationReport, _ console: Console) {
    for warning in report.warnings { console.warn(warning) }
    console.warnIfUnlocked()
    for name in report.secrets { console.detail("installed \(name)") }
    for path in report.links { console.detail("linked \(path)") }
    for path in report.copies { console.detail("copied to \(path)") }
    for path in report.removed { console.detail("removed \(path)") }
    for name in report.deferred {
      console.say("secret \(name) waits: its key needs a password or a plugin")
    }
    let count = report.secrets.count
    console.say(
      "activated \(count) secret\(count == 1 ? "" : "s"): generation \(report.generation) in \(report.directory)"
    )
  }
}

extension ActivateCommand.Caller? {
  fileprivate var extent: Activation.Extent {
    switch self {
    case .boot: .withoutAsking
    case .late: .whatOpens
    case .agent, nil: .everything
    }
  }
}
