import Dispatch
import Synchronization

/// How the chunks of a payload are divided among processors.
package struct Division: Sendable {
  /// How many chunks are done one by one; only what is longer is worth threads and starting OpenSSL.
  package var alone: Int
  /// How many threads there are then; each holds one block.
  package var workers: Int
  /// How many chunks of a block are worked on at once.
  package var block: Int

  package init(alone: Int, workers: Int, block: Int) {
    precondition(alone >= 0 && workers > 0 && block > 0)
    self.alone = alone
    self.workers = workers
    self.block = block
  }

  /// Alone a mebibyte, which libsodium does in the time that OpenSSL and threads take to start, and what is needed to see
  /// that no more follows; blocks that lie in a processor's own cache, and so few that all take less than 16 MiB.
  package static let standard = Division(alone: 17, workers: min(processors, 16), block: 4)
}

/// Passes blocks on in order, several of which are worked on at once.
///
/// Each thread goes round: it takes the next block, works on it, waits until all before have been given, gives it. So
/// reading, working and writing overlap, and memory is bounded by the number of threads. Never do two threads take at
/// once, nor give, so neither needs what it uses to be `Sendable`; one may take while another gives.
///
/// - Parameters:
///   - make: makes a block with room for so many chunks, worked on with others or alone.
///   - take: fills a block, and returns whether it is the last. There is always a last one.
///   - give: empties a block. After it has thrown, no block is given; one that is being taken is still waited for.
func passBlocks<Block: ~Copyable>(
  _ division: Division,
  make: (_ chunks: Int, _ isAlone: Bool) throws(AgeError) -> Block,
  take: (inout Block) -> Bool,
  work: (inout Block) -> Void,
  give: (inout Block) throws(AgeError) -> Void
) throws(AgeError) {
  if division.alone > 0 {
    var block = try make(1, true)
    for _ in 0..<division.alone {
      let isLast = take(&block)
      work(&block)
      try give(&block)
      if isLast { return }
    }
  }
  let order = BlockOrder(workers: division.workers)
  onThreads(division.workers) {
    do throws(AgeError) {
      if order.isAtEnd { return }
      var block = try make(division.block, false)
      while let number = order.take({ take(&block) }) {
        if !order.isStopped { work(&block) }
        order.give(number) { () throws(AgeError) in try give(&block) }
      }
    } catch {
      order.stop(error)
    }
  }
  if let failure = order.failure { throw failure }
}

/// Runs the same on several threads; it sees to it itself that they do not touch the same.
private func onThreads(_ count: Int, _ body: () -> Void) {
  withoutActuallyEscaping(body) { body in
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: count) { _ in unsafe body() }
  }
}

/// Who may take, and whose turn it is to give.
private final class BlockOrder: Sendable {
  private let taking = Mutex((next: 0, isAtEnd: false))
  /// One for each thread: at most so many blocks are under way, and their numbers follow each other.
  private let turns: [DispatchSemaphore]
  private let stopping = Mutex<AgeError?>(nil)

  init(workers: Int) {
    turns = (0..<workers).map { _ in DispatchSemaphore(value: 0) }
    turns[0].signal()
  }

  var failure: AgeError? { stopping.withLock { $0 } }
  var isStopped: Bool { failure != nil }
  var isAtEnd: Bool { taking.withLock(\.isAtEnd) }

  /// Stops everybody; the first to say why is heard.
  func stop(_ error: AgeError) {
    stopping.withLock { failure in failure = failure ?? error }
  }

  /// Takes a block if there is one more.
  ///
  /// - Returns: its number.
  func take(_ take: () -> Bool) -> Int? {
    taking.withLock { taking in
      guard !taking.isAtEnd && !isStopped else { return nil }
      taking.isAtEnd = take()
      defer { taking.next += 1 }
      return taking.next
    }
  }

  /// Gives a block when its turn has come, unless something before it has failed.
  func give(_ number: Int, _ give: () throws(AgeError) -> Void) {
    turns[number % turns.count].wait()
    if !isStopped {
      do { try give() } catch { stop(error) }
    }
    turns[(number + 1) % turns.count].signal()
  }
}
