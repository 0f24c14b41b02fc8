import Dispatch
import Glibc
import Synchronization

/// How many threads can run at once.
let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

/// What `body` makes of each item, in order; on all processors where there are more than `grain`.
package func inParallel<Item: Sendable, Result: Sendable>(
  _ items: [Item], grain: Int = 8, _ body: @Sendable (Item) -> Result
) -> [Result] {
  // Starting threads costs more than a few items do.
  guard items.count > grain, processors > 1 else { return items.map(body) }
  let blocks = (items.count + grain - 1) / grain
  return unsafe [Result](unsafeUninitializedCapacity: items.count) { results, count in
    nonisolated(unsafe) let base = results.baseAddress!
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      // Every index belongs to one block, so no two threads touch the same element.
      for index in (block * grain)..<min((block + 1) * grain, items.count) {
        unsafe (base + index).initialize(to: body(items[index]))
      }
    }
    count = items.count
  }
}

/// What `body` makes of the first item of which it makes something; on all processors where there are many items.
///
/// The order of the items decides, not which of them is done first.
func firstInParallel<Item: Sendable, Result: Sendable>(
  _ items: [Item], alone: Int = 8, _ body: @Sendable (Item) -> Result?
) -> Result? {
  // One of the first is worth no thread, and whoever looks for one does not pay for all.
  for item in items.prefix(alone) {
    if let result = body(item) { return result }
  }
  let next = Atomic(alone)
  let first = Mutex<(index: Int, result: Result)?>(nil)
  DispatchQueue.concurrentPerform(iterations: items.count > alone ? processors : 0) { _ in
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      // Whoever is at work on an item before the first found goes on to its end.
      guard index < items.count, first.withLock({ $0 == nil }) else { return }
      guard let result = body(items[index]) else { continue }
      first.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, result) } }
    }
  }
  return first.withLock(\.?.result)
}
