import Dispatch
import Glibc

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
