import Activation
import Deployment
import Keyring
import Plan
import SystemFiles
import SystemPackage

/// The machine's secrets, which are activated with the keys that its plan names.
struct MachineSecrets: Secrets {
  let allowSwap: Bool
  let keyring: Keyring
  let console: Console

  func activate(_ plan: Plan) throws(DeploymentError) {
    do throws(ActivationError) {
      let report = try activation(of: plan).run {
        console.say("waiting for another activation to end")
      }
      for warning in report.warnings { console.warn(warning) }
      console.detail(
        "activated \(report.secrets.count) secrets: generation \(report.generation) in \(report.directory)"
      )
    } catch {
      throw DeploymentError(error)
    }
  }

  func changes(_ plan: Plan) throws(DeploymentError) -> [String] {
    // Nobody is asked twice.
    guard secretsThatAsk(plan).isEmpty else { return plan.secrets.map(\.path) }
    do throws(ActivationError) {
      let changed = Set(
        try activation(of: plan).preview().changes.filter { $0.kind != .unchanged }.map(\.path))
      return plan.secrets
        .filter { changed.contains($0.path) || changed.contains(plan.defaultPath(ofName: $0.name)) }
        .map(\.path)
    } catch {
      throw DeploymentError(error)
    }
  }

  func remove(_ plan: Plan) throws(DeploymentError) {
    do throws(ActivationError) {
      for path in try activation(of: plan).remove() { console.warn("\(path) stays") }
    } catch {
      throw DeploymentError(error)
    }
  }

  /// Whether all secrets are where they belong; where somebody would have to be asked, that they are there is enough.
  func areInstalled(_ plan: Plan) throws(DeploymentError) -> Bool {
    if !secretsThatAsk(plan).isEmpty { return plan.secrets.allSatisfy { isThere($0.path) } }
    do throws(ActivationError) {
      return try activation(of: plan).preview().changes.allSatisfy { $0.kind == .unchanged }
    } catch {
      throw DeploymentError(error)
    }
  }

  private func activation(of plan: Plan) -> Activation {
    Activation(plan, allowSwap: allowSwap, keyring: keyring)
  }

  private func isThere(_ path: String) -> Bool { (try? FileStatus(FilePath(path))) != nil }

  /// The names of those that somebody has to be asked for at boot, too.
  func secretsThatAsk(_ plan: Plan) -> [String] { activation(of: plan).secretsThatAsk() }
}

extension DeploymentError {
  init(_ error: ActivationError) {
    self.init(
      error.code == .partlyApplied ? .partlyApplied : .secrets, error.reason,
      failures: error.failures, hint: error.hint)
  }
}
