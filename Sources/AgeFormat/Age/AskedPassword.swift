package import SecretMemory
import Synchronization

/// A password that is asked for when it is first needed, and only then: what was answered is kept, a refusal too.
package final class AskedPassword: Sendable {
  private struct State: ~Copyable {
    var password: SecretBytes?
    var refusal: AgeError?
  }

  private let state: Mutex<State>
  private let ask: @Sendable () throws(AgeError) -> SecretBytes

  /// A password that a prompter is asked for; `prompt` says which.
  package init(_ prompt: String, of prompter: any Prompter) {
    state = Mutex(State())
    ask = { () throws(AgeError) in try prompter.secret(prompt) }
  }

  /// A password that is known already.
  package init(_ password: consuming SecretBytes) {
    state = Mutex(State(password: password))
    ask = { () throws(AgeError) in preconditionFailure("a known password is not asked for") }
  }

  /// A copy of the password; whoever else wants it meanwhile waits for the person's answer, too.
  ///
  /// - Throws: what the prompter throws, or `AgeError` with the code `.memory`.
  package func copy() throws(AgeError) -> SecretBytes {
    try state.withLock { state throws(AgeError) in
      if let refusal = state.refusal { throw refusal }
      if let password = try Self.copy(of: state.password) { return password }
      do throws(AgeError) {
        let answer = try ask()
        state.password = try guarding { () throws(SecretMemoryError) in try answer.copy() }
        return answer
      } catch {
        state.refusal = error
        throw error
      }
    }
  }

  private static func copy(of password: borrowing SecretBytes?) throws(AgeError) -> SecretBytes? {
    switch password {
    case .none: return nil
    case .some(let password):
      do { return .some(try password.copy()) } catch { throw AgeError(error) }
    }
  }
}
