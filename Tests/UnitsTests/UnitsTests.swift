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
    ("story", Boot()), ("jobs", Boot(isEarly: false, lateSecrets: ["placed"])),
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

  /// What reads a secret that somebody is asked for is no part of the boot, and neither is its timer.
  @Test func lateReadersAreStartedByTheLateTarget() throws {
    let set = UnitSet(try plan("jobs"), at: places, boot: Boot(lateSecrets: ["password"]))
    let units = Dictionary(uniqueKeysWithValues: set.units.map { ($0.name, $0) })
    for name in ["reader.service", "restic-backups-local.timer"] {
      let unit = try #require(units[name])
      #expect(unit.wantedBy == [Boot.lateTarget])
      #expect(unit.values(of: "After", in: "Unit").last == Boot.lateService)
    }
    #expect(units["restic-backups-local.service"]?.wantedBy == [])
    let reader = try #require(units["reader.service"])
    #expect(!reader.values(of: "Wants", in: "Unit").contains(Boot.lateService))
    let other = try #require(units["restic-backups-script.service"])
    #expect(!other.values(of: "After", in: "Unit").contains(Boot.lateService))
  }

  @Test func whereSeveralIdentitiesAreEachMayBeMissing() throws {
    var plan = try plan("story")
    plan.identityPaths.append("/mnt/key-disk/key")
    let unit = try #require(UnitSet(plan, at: places).units.first { $0.name == Boot.service })
    #expect(
      unit.values(of: "RequiresMountsFor", in: "Unit")
        == ["/etc/adage/current", "/usr/local/bin/adage"])
    let mounts =
      #"home-arthur-.ssh.mount home-arthur.mount home.mount mnt-key\x2ddisk.mount mnt.mount"#
    #expect(unit.values(of: "Wants", in: "Unit").last == mounts)
    #expect(unit.values(of: "After", in: "Unit").last == mounts)
  }

  @Test func whatABootReads() throws {
    #expect(
      Boot.needs(try plan("story"), places) == [
        "/etc/adage/current", "/home/arthur/.ssh/id_ed25519", "/usr/local/bin/adage",
      ])
  }

  @Test func nothingOfOursWithoutSecretsAndJobs() {
    let set = UnitSet(Plan(identityPaths: ["/k"], secrets: []), at: places)
    #expect(set.artifacts == [])
    #expect(set.units == [])
  }
}

/// Names of units as systemd makes them.
@Suite struct WordsTests {
  private static let examples = [
    "/", "//", "/run/agenix.d", "/run//agenix.d/", "/./run/./x/", "/.hidden/..x/a", "/a-b_c:d.e",
    "/mit Leer/\u{fc}\\x/\"'%$*", "/a\u{1}b",
  ]

  @Test(
    arguments: zip(
      examples,
      [
        "-", "-", "run-agenix.d", "run-agenix.d", "run-x", "\\x2ehidden-..x-a", "a\\x2db_c:d.e",
        "mit\\x20Leer-\\xc3\\xbc\\x5cx-\\x22\\x27\\x25\\x24\\x2a", "a\\x01b",
      ]))
  func paths(path: String, name: String) { #expect(unitName(ofPath: path) == name) }

  private static let command = "/usr/bin/systemd-escape"

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: command), "needs systemd-escape"))
  func pathsAsTheCommandWritesThem() throws {
    let process = Process()
    process.executableURL = URL(filePath: Self.command)
    process.arguments = ["--path", "--"] + Self.examples
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text == Self.examples.map(unitName).joined(separator: " ") + "\n")
  }
}
