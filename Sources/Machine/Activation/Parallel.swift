import Dispatch
import Glibc

/// How many threads can run at once.
let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

/// What `body` makes of each item, in order; on all processors.
func inParallel<Item: Sendable, Result: Sendable>(
  _ items: [Item], grain: Int = 8, _ body: @Sendable (Item) -> Result
) -> [Result] {
  // Starting threads costs more than a few items do.
  guard items.count > 1, processors > 1 else { return items.map(body) }
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

/// What `body` makes of consecutive parts of the items, one part for each processor.
func inParallelParts<Item: Sendable, Result: Sendable>(
  _ items: [Item], _ body: @Sendable ([Item]) -> [Result]
) -> [Result] {
  let size = max(1, (items.count + processors - 1) / processors)
  let parts = stride(from: 0, to: items.count, by: size).map {
    Array(items[$0..<min($0 + size, items.count)])
  }
  return inParallel(parts, grain: 1, body).flatMap { $0 }
}
