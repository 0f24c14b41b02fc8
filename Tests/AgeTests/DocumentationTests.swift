import Foundation
import TestSupport
import Testing

struct DocumentationTests {
  /// The program in the article is the one that the package `Tests/Consumer` builds and runs.
  @Test func theArticleShowsTheProgramThatIsBuilt() throws {
    let read = { (path: String) in
      try String(contentsOf: packageRoot.appendingPathComponent(path), encoding: .utf8)
    }
    let program = try read("Tests/Consumer/Sources/consumer/Consumer.swift")
    let article = try read("Sources/AgeFormat/Age/Age.docc/Encrypting-and-decrypting.md")
    #expect(program.contains("import Age"))
    #expect(article.contains("```swift\n\(program)```\n"))
  }
}
