import SecretMemory

/// Prints which memory this process may lock; a test runs it under a low limit.
///
/// Each argument asks for one secret: how it is to be locked, a colon, and its size. All are kept to the end.
@main struct LockingProbe {
  static func main() {
    var kept: [Kept] = []
    for argument in CommandLine.arguments.dropFirst() {
      let parts = argument.split(separator: ":")
      let locking: SecretBytes.Locking = parts[0] == "required" ? .required : .preferred
      do {
        let bytes = try SecretBytes(count: Int(parts[1]) ?? 0, locking: locking)
        print("\(argument) \(bytes.isLocked ? "locked" : "not locked")")
        kept.append(Kept(bytes))
      } catch {
        print("\(argument) \(error.code)")
      }
    }
    print("any unlocked: \(SecretBytes.anyUnlocked)")
  }
}

/// A secret in an array, which only holds what can be copied.
private final class Kept {
  let bytes: SecretBytes
  init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
}
