import Activation
import ArgumentParser
import Configuration
import Plan
import SystemPackage

/// `adage activate`: decrypts a machine's secrets into a new generation, all or none.
struct ActivateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate", abstract: "Decrypt a machine's secrets into memory, all or none.",
    discussion: """
      The secrets of the configuration's age.* options are decrypted into a new generation below \
      /run/agenix.d (for a user, below $XDG_RUNTIME_DIR), and /run/agenix is made to point to it in \
      one step. If any secret fails, all failures are listed and the old generation stays.
      """)

  @Option(help: ArgumentHelp("A module, or the plan that --print-plan wrote.", valueName: "file"))
  var configuration: String

  @Flag(help: "Print the resolved plan as JSON and do nothing.")
  var printPlan = false

  @Flag(help: "Say what would change, and change nothing.")
  var dryRun = false

  @Option(help: ArgumentHelp("Install below this directory, for images and tests.", valueName: "directory"))
  var root: String?

  @Flag(help: "Accept memory that may be swapped to a disk.")
  var allowSwap = false

  @Flag(help: "As root, let the configuration read files outside its own repository.")
  var allowRead = false

  @Flag(name: .shortAndLong, help: "Say what is done.")
  var verbose = false
}
