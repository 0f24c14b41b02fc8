import Age
import SecretMemory
import Synchronization

/// A person who types the same password each time, and remembers what for.
final class Person: Prompter {
  private let password: String
  private let prompts = Mutex<[String]>([])

  init(_ password: String) { self.password = password }

  /// What was asked for.
  var asked: [String] { prompts.withLock { $0 } }

  func secret(_ prompt: String) throws(AgeError) -> SecretBytes {
    prompts.withLock { $0.append(prompt) }
    do { return try SecretBytes(copying: Array(password.utf8)) } catch { throw AgeError(error) }
  }

  func answer(_ prompt: String) throws(AgeError) -> String { throw AgeError(.cancelled, "no") }

  func confirm(_ question: String, yes: String, no: String?) throws(AgeError) -> Bool { false }

  func show(_ message: String) {}
}
