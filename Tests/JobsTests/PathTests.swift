import Foundation
import Plan
import TestSupport
import Testing

@testable import Jobs

/// What is backed up, as restic and the job understand it.
@Suite struct PathTests {
  @Test(arguments: [
    ("plain", "plain", true), ("*", "\\*", true), ("w[1]", "w\\[1]", true), ("q?", "q\\?", true),
    ("b\\s", "b\\\\s", true), (" blank ", "[ ]blank[ ]", true), ("#c", "[#]c", true),
    ("no*", "no*", false), ("none", "none", false), ("w[1-3]x", "w[1-3]x", false),
  ])
  func entriesThatExist(name: String, line: String, exists: Bool) throws {
    let directory = try TemporaryDirectory()
    if exists { try directory.write(name, "") }
    // Blanks and signs matter at the ends of a line alone, which a path's directory hides.
    #expect(PathPattern(directory.path(name)).line == directory.path + "/" + inner(line))
    #expect(PathPattern(directory.path(name)).matchesSomething == exists)
  }

  private func inner(_ line: String) -> String {
    switch line {
    case "[ ]blank[ ]": " blank[ ]"
    case "[#]c": "#c"
    default: line
    }
  }

  @Test(arguments: [
    ("*", true), ("a*", true), ("*b", true), ("a?", true), ("a??", false), ("[a-c]b", true),
    ("[^a]b", false), ("[^x]b", true), ("\\ab", true), ("a\\*", false), ("[]b", false),
    ("a*b*", true), ("*x*", false), (".h*", true), ("*/c", true), ("d/*", true), ("*/*/c", false),
    ("[ab", false), ("[\\a]b", true), ("ab  ", true),
  ])
  func patterns(pattern: String, matches: Bool) throws {
    let directory = try TemporaryDirectory()
    for name in ["ab", ".hidden", "d/c"] { try directory.write(name, "") }
    #expect(PathPattern(directory.path(pattern)).matchesSomething == matches)
  }

  @Test func comments() {
    #expect(PathPattern("# x").isComment)
    #expect(PathPattern("  ").isComment)
    #expect(PathPattern("").isComment)
    #expect(!PathPattern("/x").isComment)
  }

  /// Our idea of a pattern is restic's.
  @Test func resticAgrees() async throws {
    let fixture = try JobFixture()
    for name in ["w[1]", "w1", "q?", "qq", "*", "b\\s", "end ", "plain", "deep/x.txt", "deep/y.md"]
    {
      try fixture.directory.write("source/\(name)", name)
    }
    let source = fixture.path("source")
    let dynamic = try fixture.script(
      "dynamic", "printf '%s\\n' '\(source)/q?' '# comment' '\(source)/end '\n")
    _ = try fixture.job {
      $0.source.paths = ["w[1]", "*", "b\\s", "deep/*.txt"].map { "\(source)/\($0)" }
      $0.source.dynamicPaths = dynamic
    }
    let finished = try await fixture.run("x", "::backup")
    #expect(finished.status == 0, "\(finished.error)")
    let listed = try await fixture.restic("ls", "latest").split(separator: "\n")
      .filter { $0.hasPrefix(source + "/") }.map { String($0.dropFirst(source.count + 1)) }
    #expect(Set(listed) == ["w[1]", "q?", "*", "b\\s", "end ", "deep", "deep/x.txt"])
  }

  @Test func missingPathIsTold() async throws {
    let fixture = try JobFixture()
    _ = try fixture.job { $0.source.paths += [fixture.path("gone"), fixture.path("none*")] }
    let finished = try await fixture.run("x", "::backup")
    #expect(finished.status == 0)
    for name in ["gone", "none*"] {
      #expect(finished.error.contains("there is no \(fixture.path(name)), which is left out\n"))
    }
  }

  @Test(arguments: ["gone", "none*"])
  func strictJobFails(name: String) async throws {
    let fixture = try JobFixture()
    let dynamic = try fixture.script("dynamic", "echo \(fixture.path("source"))\n")
    _ = try fixture.job {
      $0.strictPaths = true
      $0.source.paths.append(fixture.path(name))
      $0.source.dynamicPaths = dynamic
    }
    let finished = try await fixture.run("x", "::backup")
    #expect(finished.status == 1)
    #expect(finished.error.contains("paths: there is no \(fixture.path(name))\n"))
    #expect(try await fixture.snapshots() == 0)
  }

  @Test func pathsThatTheUnitWroteItself() async throws {
    let fixture = try JobFixture()
    try fixture.directory.write("more", "m")
    try fixture.directory.write("run/includes", fixture.path("more") + "\n")
    _ = try fixture.job()
    #expect(try await fixture.run("x", "::backup").status == 0)
    #expect(try await fixture.restic("ls", "latest").contains(fixture.path("more")))
  }

  @Test func failureOfTheDynamicCommand() async throws {
    let fixture = try JobFixture()
    let dynamic = try fixture.script("dynamic", "echo \(fixture.path("source"))\nexit 3\n")
    _ = try fixture.job { $0.source.dynamicPaths = dynamic }
    #expect(try await fixture.run("x", "::backup").status == 3)
    #expect(fixture.steps.last == "paths failed")
    #expect(try await fixture.snapshots() == 0)
  }
}
