import Age
import SecretMemory

extension SecretBytes {
  /// A copy that is not secret.
  var revealed: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

/// The code of the error that an expression throws.
func code(_ body: () throws -> Void) -> AgeError.Code? {
  do {
    try body()
    return nil
  } catch {
    return (error as? AgeError)?.code
  }
}

/// Encrypts bytes in memory.
func encrypted(
  _ clear: [UInt8], _ recipients: [any Recipient], armor: Bool = false
) throws -> [UInt8] {
  try encrypt(
    SecretBytes(copying: clear, locking: .preferred), recipients: recipients, armor: armor)
}
