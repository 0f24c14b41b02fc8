import Activation
import Glibc
import Plan
import SystemFiles
import SystemPackage

/// Activates a plan as another process: with another user's rights, or to be killed on the way.
///
/// `activation-probe PLAN [ROOT [allow-swap]]` prints what happened, one thing on each line.
@main struct ActivationProbe {
  static func main() {
    let arguments = CommandLine.arguments
    do {
      let plan = try Plan(json: readFile(FilePath(arguments[1]), limit: Plan.largest))
      let root = arguments.count > 2 ? FilePath(arguments[2]) : nil
      let activation = Activation(plan, root: root, allowSwap: arguments.count > 3)
      let report = try activation.run()
      print("generation \(report.generation)")
      for warning in report.warnings { print("warning: \(warning)") }
    } catch let error as ActivationError {
      print(error)
      for failure in error.failures { print(failure) }
      if let hint = error.hint { print("hint: \(hint)") }
      exit(1)
    } catch {
      print(error)
      exit(1)
    }
  }
}
