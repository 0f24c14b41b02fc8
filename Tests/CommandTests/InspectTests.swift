import Foundation
import Testing

private let age13 =
  ProcessInfo.processInfo.environment["AGE13"].map { URL(filePath: $0) }
  ?? projectFolder.deletingLastPathComponent().appending(path: "shared/age13")

/// What age-inspect 1.3 said of files that age 1.3 wrote; both lie outside of this repository.
@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: age13.path),
    "age 1.3's files are not there: set AGE13 to their directory, or put them at ../shared/age13"))
struct InspectTests {
  @Test(arguments: [
    ("small.pq-1.age", "", "small.pq-1.inspect.txt"),
    ("large.pq-both.armor.age", "--json", "large.pq-both.armor.inspect.json"),
  ])
  func everyByteIsTheSame(_ file: String, _ flag: String, _ expected: String) throws {
    let sandbox = try Sandbox(asAge: true)
    let outcome = try sandbox.run("cd '\(age13.path)' && age-inspect \(flag) \(file)")
    let text = try String(contentsOf: age13.appending(path: expected), encoding: .utf8)
    #expect(outcome.status == 0, Comment(rawValue: outcome.errors))
    #expect(outcome.output == text)
  }
}
