import SecretMemory

/// Prints which memory this process may lock; a test runs it under a low limit.
@main struct LockingProbe {
  static func main() {
    for locking in [SecretBytes.Locking.required, .preferred] {
      for count in [32, 1 << 20] {
        do {
          let bytes = try SecretBytes(count: count, locking: locking)
          print("\(locking) \(count): \(bytes.isLocked ? "locked" : "not locked")")
        } catch {
          print("\(locking) \(count): \(error.code)")
        }
        print("any unlocked: \(SecretBytes.anyUnlocked)")
      }
    }
  }
}
