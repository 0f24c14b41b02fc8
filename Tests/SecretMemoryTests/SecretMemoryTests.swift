import Foundation
import SecretMemory
import TestSupport
import Testing

@Suite struct SecretBytesTests {
  /// Around the largest secret that lies in a cell, and around a page.
  static let sizes = [0, 1, 32, 63, 64, 65, 4079, 4080, 4081, 4096, 4097, 100_000]

  @Test(arguments: sizes)
  func newOnesAreZero(_ count: Int) throws {
    // What lay there before must be gone.
    for _ in 0..<3 {
      var bytes = try SecretBytes(count: count)
      #expect(bytes.count == count)
      #expect(bytes.isEmpty == (count == 0))
      #expect(bytes.revealed == [UInt8](repeating: 0, count: count))
      unsafe bytes.withUnsafeMutableBytes { bytes in
        _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0xff)
      }
      #expect(bytes.revealed == [UInt8](repeating: 0xff, count: count))
    }
  }

  @Test(arguments: sizes)
  func copies(_ count: Int) throws {
    var random = Pseudorandom(seed: UInt64(count))
    let original = random.bytes(count)
    let bytes = try SecretBytes(copying: original)
    let copy = try bytes.copy()
    #expect(bytes.revealed == original)
    let isEqual = bytes == copy
    #expect(isEqual)
    for index in original.indices.prefix(3) {
      var changed = original
      changed[index] ^= 1
      let isStillEqual = try bytes == SecretBytes(copying: changed)
      #expect(!isStillEqual)
    }
    let longer = try SecretBytes(copying: original + [0])
    let isEqualToLonger = bytes == longer
    #expect(!isEqualToLonger)
  }

  @Test func manyAtOnceDoNotOverlap() throws {
    // More than the cells of several slabs, freed in another order than made.
    var odd: [Holder] = []
    for round in 0..<2 {
      var all: [Holder] = []
      for index in 0..<1000 {
        all.append(Holder(try SecretBytes(copying: Self.pattern(index + round))))
      }
      for index in all.indices { #expect(all[index].bytes.revealed == Self.pattern(index + round)) }
      odd = all.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      all = []
      for (index, holder) in odd.enumerated() {
        #expect(holder.bytes.revealed == Self.pattern(2 * index + 1 + round))
      }
    }
  }

  @Test func threadsShareTheCells() async throws {
    await withTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask {
          var wrong = 0
          for index in 0..<2000 {
            let pattern = Self.pattern(task &* 7919 &+ index)
            guard let bytes = try? SecretBytes(copying: pattern) else { return -1 }
            if bytes.revealed != pattern { wrong += 1 }
          }
          return wrong
        }
      }
      for await wrong in group { #expect(wrong == 0) }
    }
  }

  @Test func truncationWipesTheRest() throws {
    var bytes = try SecretBytes(copying: [1, 2, 3, 4])
    bytes.truncate(to: 2)
    #expect(bytes.revealed == [1, 2])
    bytes.truncate(to: 0)
    #expect(bytes.revealed == [])
  }

  @Test func randomOnesDiffer() throws {
    let all = try Set((0..<100).map { _ in try SecretBytes.random(count: 32).revealed })
    #expect(all.count == 100)
  }

  @Test func tooManyBytesAreAnError() {
    #expect(throws: SecretMemoryError.self) { _ = try SecretBytes(count: 1 << 46) }
  }

  @Test func lockingIsCheckedWhereItMustBe() async throws {
    #expect(
      try await probe(limit: 262_144, "required:32", "required:1048576") == """
        required:32 locked
        required:1048576 notLocked
        any unlocked: false

        """)
    #expect(
      try await probe(limit: 262_144, "preferred:32", "preferred:1048576") == """
        preferred:32 locked
        preferred:1048576 not locked
        any unlocked: true

        """)
  }

  /// Where nothing at all can be locked, keys are refused and clear text is not.
  @Test func withoutAnyLockedMemoryKeysAreRefused() async throws {
    #expect(
      try await probe(limit: 0, "required:32", "required:65", "preferred:32", "preferred:65") == """
        required:32 notLocked
        required:65 notLocked
        preferred:32 not locked
        preferred:65 not locked
        any unlocked: true

        """)
  }

  /// Clear text that comes first and takes what there is leaves room for keys.
  @Test func clearTextLeavesRoomForKeys() async throws {
    let wishes = [Int](repeating: 3000, count: 100).map { "preferred:\($0)" } + ["required:32"]
    let text = try await probe(limit: 65_536, wishes)
    #expect(text.contains("preferred:3000 locked\n"))
    #expect(text.contains("preferred:3000 not locked\n"))
    #expect(text.contains("required:32 locked\n"))
  }

  /// Allocates in another process, since the limit is a process's; it loses the right to be over it, which root has.
  private func probe(limit: Int, _ wishes: String...) async throws -> String {
    try await probe(limit: limit, wishes)
  }

  private func probe(limit: Int, _ wishes: [String]) async throws -> String {
    let drop = ["setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"]
    let output = try await runChecked(
      "prlimit",
      ["--memlock=\(limit):\(limit)"] + (geteuid() == 0 ? drop : []) + [product("locking-probe")]
        + wishes)
    return String(decoding: output, as: UTF8.self)
  }

  private static func pattern(_ seed: Int) -> [UInt8] {
    var random = Pseudorandom(seed: UInt64(truncatingIfNeeded: seed))
    return random.bytes(1 + seed % 64)
  }
}

@Suite struct SecretBufferTests {
  @Test(arguments: [0, 1, 64, 4096])
  func growsAsItIsFilled(_ capacity: Int) throws {
    var random = Pseudorandom(seed: 1)
    var buffer = try SecretBuffer(capacity: capacity)
    var expected: [UInt8] = []
    for size in [0, 1, 10, 63, 64, 65, 1000, 5000, 0, 70_000] {
      let piece = random.bytes(size)
      try buffer.append(piece.span)
      expected += piece
      #expect(buffer.count == expected.count)
      let isSame = buffer.withSpan { span in
        span.count == expected.count && span.indices.allSatisfy { span[$0] == expected[$0] }
      }
      #expect(isSame)
    }
    #expect(buffer.finish().revealed == expected)
  }

  @Test func roomIsFilledInPlace() throws {
    var buffer = try SecretBuffer(capacity: 10)
    let written = unsafe buffer.write(upTo: 100) { room in
      unsafe room.copyBytes(from: [1, 2, 3])
      return 3
    }
    #expect(written == 3)
    var left = 0
    unsafe buffer.write(upTo: 100) { room in
      left = room.count
      return 0
    }
    #expect(left == 7)
    #expect(buffer.finish().revealed == [1, 2, 3])
  }

  @Test(arguments: [8, 100]) func whatIsCutOffIsWiped(_ capacity: Int) throws {
    var buffer = try SecretBuffer(capacity: capacity)
    try buffer.append([1, 2, 3, 4, 5].span)
    buffer.truncate(to: 2)
    #expect(buffer.count == 2)
    unsafe buffer.write(upTo: 3) { room in
      #expect(unsafe Array(room) == [0, 0, 0])
      return 0
    }
    try buffer.append([6].span)
    #expect(buffer.finish().revealed == [1, 2, 6])
  }
}

/// A secret in an array, which only holds what can be copied.
private final class Holder: Sendable {
  let bytes: SecretBytes
  init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
}

extension SecretBytes {
  fileprivate var revealed: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
