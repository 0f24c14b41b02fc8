import Configuration
import Foundation
import SystemPackage
import Testing

/// What NixOS's own modules make of a dozen configurations, and what ours make of the same.
@Suite struct ReferenceTests {
  /// `NIXOS_REFERENCE`, else where it lies beside the project.
  static let directory = URL(
    filePath: ProcessInfo.processInfo.environment["NIXOS_REFERENCE"]
      ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "shared/nixos").path
  ).resolvingSymlinksInPath()

  static let isThere = FileManager.default.fileExists(atPath: directory.path)

  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
    .filter { $0.hasSuffix(".expected.json") }
    .map { String($0.dropLast(".expected.json".count)) }.sorted()

  /// The machine of every case; a program is below a folder of its package's name.
  static let machine = """
    {
      "hostName": "atlas",
      "users": {
        "root": { "uid": 0, "gid": 0, "group": "root", "home": "/root" },
        "arthur": { "uid": 1000, "gid": 100, "group": "users", "home": "/home/arthur" },
        "postgres": { "uid": 71, "gid": 71, "group": "postgres", "home": "/var/lib/postgresql" }
      },
      "programs": {
        "bash": "/=bash/bin/bash", "env": "/=coreutils/bin/env", "find": "/=findutils/bin/find",
        "grep": "/=gnugrep/bin/grep", "notify-send": "/=libnotify/bin/notify-send",
        "pg_dumpall": "/=postgresql/bin/pg_dumpall", "rclone": "/=rclone/bin/rclone",
        "restic": "/=restic/bin/restic", "sed": "/=gnused/bin/sed", "ssh": "/=openssh/bin/ssh",
        "systemctl": "/=systemd/bin/systemctl"
      }
    }
    """

  @Test(.enabled(if: isThere, "NIXOS_REFERENCE names the folder of reference results"))
  func allAreThere() {
    #expect(Self.names.count == 12)
  }

  @Test(
    .enabled(if: isThere, "NIXOS_REFERENCE names the folder of reference results"), arguments: names
  )
  func ourModulesAgree(name: String) throws {
    let url = Self.directory.appending(path: "\(name).expected.json")
    let expected = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    if let words = expected["mustMention"] as? [String] {
      let error = try #require(throws: ConfigurationError.self) {
        _ = try evaluate(name).json(at: nil)
      }
      for word in words { #expect(error.description.contains(word), "\(error)") }
      return
    }
    let evaluation = try evaluate(name)
    let text = try evaluation.json(at: nil)
    let values = try #require(
      try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
    var units = try #require(values["systemd"] as? [String: Any])
    units["tmpfiles"] = nil
    compare(expected["age"], values["age"], "age")
    compare(expected["systemd"], units, "systemd")
    compare(expected["warnings"], values["warnings"], "warnings")
    let failed = try #require(values["failedAssertions"] as? [String])
    #expect(failed.count == (expected["failedAssertions"] as? [String])?.count)
  }

  private func evaluate(_ name: String) throws -> Evaluation {
    let repository = try Repository()
    let machine = try DescribedMachine(file: repository.write(Self.machine, to: "machine.json"))
    return try Evaluation.read(
      FilePath(Self.directory.appending(path: "\(name).nix").path), machine: machine,
      rules: Configuration.Rules(allowRead: true))
  }

  // MARK: By meaning

  private func compare(_ expected: Any?, _ found: Any?, _ path: String) {
    switch (expected, found) {
    case (let one as [String: Any], let other as [String: Any]):
      for key in Set(one.keys).union(other.keys) where !isBesideTheMeaning(key) {
        // An option of ours that NixOS has without a default is null unless it is set.
        if one[key] == nil, other[key] is NSNull { continue }
        compare(one[key], other[key], "\(path).\(key)")
      }
    case (let one as [Any], let other as [Any]):
      #expect(one.count == other.count, "\(path)")
      for (index, pair) in zip(one, other).enumerated() {
        compare(pair.0, pair.1, "\(path)[\(index)]")
      }
    case (let one as String, let other as String):
      #expect(normalised(one) == normalised(other), "\(path)")
    default:
      #expect((expected as? NSObject) == (found as? NSObject), "\(path)")
    }
  }

  private func isBesideTheMeaning(_ key: String) -> Bool { key.hasPrefix("X-") || key == "PATH" }

  /// Without blank lines and spaces at ends of lines; programs, packages and files by their names.
  private func normalised(_ text: String) -> String {
    text.replacing(Self.directory.path + "/", with: "./")
      .replacing(/\/etc\/adage\/files\/[0-9a-f]{32}-([A-Za-z0-9._-]+)/) { "{{\($0.1)}}" }
      .replacing(/\{\{([A-Za-z_-]+)\.[0-9]+\}\}/) { "{{\($0.1)}}" }
      .replacing(/\/=[a-z]+\/bin\/([a-z_-]+)/) { $0.1 }
      .replacing(/\/=([a-z]+)/) { $0.1 }
      .split(separator: "\n").map { line in
        String(line.reversed().drop { $0 == " " }.reversed())
      }.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
