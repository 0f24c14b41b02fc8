import Dispatch
import Synchronization

/// Calls `body` for each index on all cores, and returns once the last call did.
func concurrentMap<Element: Sendable>(
  count: Int, _ body: @Sendable (Int) -> Element
) -> [Element] {
  let results = Mutex([Element?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = body(index)
    results.withLock { $0[index] = result }
  }
  return results.withLock { $0.map { $0! } }
}
