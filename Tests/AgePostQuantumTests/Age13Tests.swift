import Age
import AgePostQuantum
import Foundation
import TestSupport
import Testing

/// Files that age 1.3 wrote, which lie outside of this repository.
enum Age13 {
  static let directory =
    ProcessInfo.processInfo.environment["AGE13"].map { URL(fileURLWithPath: $0) }
    ?? packageRoot.deletingLastPathComponent().appendingPathComponent("shared/age13")

  static let isThere = FileManager.default.fileExists(atPath: directory.path)

  static func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: directory.appendingPathComponent(name)))
  }

  static func text(_ name: String) throws -> [String] {
    String(decoding: try read(name), as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

@Suite(
  .enabled(
    if: Age13.isThere,
    "age 1.3's files are not there: set AGE13 to their directory, or put them at ../shared/age13"))
struct Age13Tests {
  private func identity(_ number: Int) throws -> HybridIdentity {
    let lines = try Age13.text("pq-\(number).key")
    let key = Array(try #require(lines.last).utf8)
    let identity = try HybridIdentity(key.span)
    #expect(lines.contains("# public key: \(identity.recipient)"))
    #expect(try Age13.text("pq-\(number).pub") == ["\(identity.recipient)"])
    return identity
  }

  @Test(arguments: [
    ("empty.txt", "empty.pq-1.age", [1]), ("small.txt", "small.pq-1.age", [1]),
    ("large.bin", "large.pq-1.age", [1]), ("empty.txt", "empty.pq-both.armor.age", [1, 2]),
    ("small.txt", "small.pq-both.armor.age", [1, 2]),
    ("large.bin", "large.pq-both.armor.age", [1, 2]), ("small.txt", "small.pq-2-twice.age", [2]),
  ])
  func files(_ clear: String, _ name: String, _ keys: [Int]) throws {
    let clear = try Age13.read(clear)
    let file = try Age13.read(name)
    for number in [1, 2] {
      let identity = try identity(number)
      guard keys.contains(number) else {
        #expect(code { _ = try decrypt(file, identities: [identity]) } == .noMatch)
        continue
      }
      #expect(try decrypt(file, identities: [identity]).revealed == clear)
      let again = try encrypted(clear, [identity.recipient])
      #expect(try decrypt(again, identities: [identity]).revealed == clear)
      // The same stanzas make a header of the same size.
      if name == "\(clear.isEmpty ? "empty" : "small").pq-1.age" {
        #expect(again.count == file.count)
      }
    }
  }

  @Test func allAreThere() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Age13.directory.path)
    #expect(names.count { $0.hasSuffix(".age") } == 7)
  }
}
