import Foundation
import Testing

/// The pages below Documentation are what the program says of itself.
@Suite struct ReferenceTests {
  static let documentation = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Documentation")

  @Test(arguments: [("options", 90), ("builtins", 115)])
  func pageIsAsItIsMade(page: String, entries: Int) throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.run("adage reference \(page)")
    let committed = try String(
      contentsOf: Self.documentation.appending(path: "\(page).md"), encoding: .utf8)
    #expect(outcome.status == 0)
    #expect(outcome.output == committed, "run `make reference`")
    #expect(committed.components(separatedBy: "\n## ").count > entries)
  }
}
