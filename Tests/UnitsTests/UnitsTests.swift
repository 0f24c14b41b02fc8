import Foundation
import Plan
import Testing
import Units

private let folder = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Vectors/units")

private func plan(_ name: String) throws -> Plan {
  let plan = try Plan(
    json: Array(try Data(contentsOf: folder.appending(path: "\(name).json"))))
  #expect(plan.problems() == [])
  return plan
}

private let places = Places(program: "/usr/local/bin/adage")

/// What `NAME.json` becomes is `NAME.units`: for each artifact a line with its path and mode or target, then its text.
@Suite struct UnitSetTests {
  @Test(arguments: [
    ("story", Boot()), ("jobs", Boot(isEarly: false, asksLate: true)),
  ])
  func artifacts(name: String, boot: Boot) throws {
    let set = UnitSet(try plan(name), at: places, boot: boot)
    let text = set.artifacts.map { artifact in
      switch artifact.content {
      case .link(let target): "==> \(artifact.path) -> \(target)\n"
      case .file(let text, let mode): "==> \(artifact.path) 0\(String(mode, radix: 8))\n\(text)"
      }
    }.joined(separator: "\n")
    let expected = try String(contentsOf: folder.appending(path: "\(name).units"), encoding: .utf8)
    #expect(text == expected)
  }

  @Test func readers() throws {
    #expect(
      UnitSet(try plan("jobs"), at: places).readers == [
        "/etc/x 100%": ["restic-backups-script.service"],
        "/run/agenix/password": [
          "reader.service", "restic-backups-local.service", "restic-backups-remote.service",
        ],
        "/run/agenix/password.old": ["restic-backups-script.service"],
      ])
  }

  @Test func nothingOfOursWithoutSecretsAndJobs() {
    let set = UnitSet(Plan(identityPaths: ["/k"], secrets: []), at: places)
    #expect(set.artifacts == [])
    #expect(set.units == [])
  }
}
