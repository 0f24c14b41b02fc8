import Age
import SecretMemory
import TestSupport

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

extension Vector {
  /// The bytes that a value of hexadecimal digits stands for.
  func hexadecimal(_ key: String) -> [UInt8] {
    let digits = Array(self[key] ?? "")
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
  }
}
