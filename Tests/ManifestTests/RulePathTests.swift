import SystemPackage
import Testing

@testable import Manifest

@Suite struct RulePathTests {
  @Test(
    arguments: [
      ("a.age", "/r/a.age"),
      ("./a.age", "/r/a.age"),
      ("b//a.age", "/r/b/a.age"),
      ("b/../a.age", "/r/a.age"),
      ("b/./a.age/", "/r/b/a.age"),
      ("..a.age", "/r/..a.age"),
      ("with space.age", "/r/with space.age"),
    ] as [(String, FilePath)])
  func aNameIsAPathBelowTheManifest(_ name: String, _ path: FilePath) throws {
    #expect(try RulePath.file(of: name, in: "/r") == path)
  }

  @Test(arguments: [
    "", ".", "..", "../a.age", "b/../../a.age", "/a.age", "/r/a.age", "b/..", "../r",
  ])
  func aNameThatLeadsOutIsRefused(_ name: String) {
    #expect(throws: ManifestError(.outside, "")) { try RulePath.file(of: name, in: "/r") }
  }

  @Test func aNeighbourWithTheSameBeginningIsOutside() {
    #expect(throws: ManifestError(.outside, "")) { try RulePath.file(of: "../rest/a", in: "/r") }
  }

  @Test func spellingDoesNotMatter() {
    #expect(RulePath.isFile("/r/b/a.age", of: "./b/x/../a.age", in: "/r"))
    #expect(!RulePath.isFile("/r/a.age", of: "b/a.age", in: "/r"))
    #expect(!RulePath.isFile("/a.age", of: "../a.age", in: "/r"))
  }

  @Test(
    arguments: [
      ("a.age", ["/r/b/a.age", "/r/a.age"]),
      ("../a.age", ["/r/a.age", "/a.age"]),
      ("/x/./a.age", ["/x/a.age", "/x/a.age"]),
      ("b/../../a.age", ["/r/a.age", "/a.age"]),
    ] as [(String, [FilePath])])
  func whatIsTypedIsRelativeToHereThenToTheManifest(_ typed: String, _ paths: [FilePath]) {
    #expect(
      RulePath.meanings(of: typed, currentDirectory: "/r/b", manifestDirectory: "/r") == paths)
  }
}
