import Foundation
import Jobs
import Plan
import SystemPackage
import TestSupport
import Testing

/// Runs of jobs with the real restic.
@Suite struct JobRunTests {
  @Test func firstRunAndSecond() async throws {
    let fixture = try JobFixture()
    let prepare = try fixture.script("prepare", "echo \"prepared $0\" >> \(fixture.path("log"))\n")
    let cleanup = try fixture.script(
      "cleanup", "#!/bin/sh -e\necho cleaned >> \(fixture.path("log"))\n")
    try fixture.directory.write("source/skipped.o", "o")
    _ = try fixture.job {
      $0.prepareCommand = prepare
      $0.cleanupCommand = cleanup
      $0.source.exclude = ["*.o"]
    }
    let words = [
      "x", "::option", "local.layout=default", "::backup", "--tag", "a b", "::prune",
      "--keep-last", "1", "::check", "--with-cache",
    ]
    for _ in 0..<2 {
      let finished = try await run(fixture, words)
      #expect(finished.status == 0, "\(finished.error)")
      #expect(
        fixture.steps == [
          "secrets succeeded", "prepare succeeded", "initialize succeeded", "paths succeeded",
          "backup succeeded", "prune succeeded", "check succeeded",
        ])
      #expect(try await fixture.run("--cleanup", "x").status == 0)
      #expect(fixture.steps.last == "cleanup succeeded")
      #expect(!fixture.exists("run/includes"))
      #expect(!fixture.exists("run/exclude-patterns"))
    }
    #expect(try await fixture.snapshots() == 1)
    #expect(try await fixture.restic("snapshots", "--json").contains("\"a b\""))
    #expect(
      try fixture.text("log") == String(repeating: "prepared \(prepare)\ncleaned\n", count: 2))
    _ = try await fixture.restic("restore", "latest", "--target", fixture.path("out"))
    #expect(try fixture.text("out\(fixture.path("source"))/a") == "content")
    #expect(!fixture.exists("out\(fixture.path("source"))/skipped.o"))
  }

  private func run(_ fixture: JobFixture, _ words: [String]) async throws -> Finished {
    try await TestSupport.run(
      product("adage"), ["run-job", "--jobs", fixture.path("jobs")] + words,
      environment: fixture.environment)
  }

  @Test func withoutInitializeARepositoryMustBeThere() async throws {
    let fixture = try JobFixture()
    _ = try fixture.job { $0.initialize = false }
    let finished = try await fixture.run("x", "::backup")
    #expect(finished.status == 1)
    #expect(finished.error.contains("restic-backups-x: backup: restic backup: exit status 1: "))
    #expect(fixture.steps.last == "backup failed")
    #expect(!fixture.exists("repository"))
  }

  @Test func noRepositoryIsMadeOverAWrongPassword() async throws {
    let fixture = try JobFixture()
    _ = try fixture.job()
    #expect(try await fixture.run("x", "::backup").status == 0)
    let keys = try FileManager.default.contentsOfDirectory(atPath: fixture.path("repository/keys"))
    let wrong = try fixture.directory.write("wrong", "another")
    let finished = try await fixture.run("x", "::backup", with: ["RESTIC_PASSWORD_FILE": wrong])
    #expect(finished.status == 1)
    #expect(
      finished.error.contains(
        "initialize: restic cat config: exit status 1: wrong password or no key found"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.path("repository/keys")) == keys)
    #expect(try await fixture.snapshots() == 1)
  }

  /// From 0.17 on restic's exit status says it, whatever the words are.
  @Test(arguments: [(10, true), (12, false), (1, false)])
  func newerRestic(status: Int, makes: Bool) async throws {
    let fixture = try JobFixture()
    let restic = try fixture.script(
      "restic",
      """
      #!/bin/sh
      echo "$*" >> \(fixture.path("log"))
      case $* in
        version) echo "restic 0.17.3 compiled with go1.23.3 on linux/amd64";;
        *cat*) echo "Fatal: unable to open config file: stat /x/config: no such file or directory" >&2; exit \(status);;
      esac
      """)
    _ = try fixture.job {
      $0.restic = restic
      $0.source = PlannedJob.Source(command: ["true"])
    }
    let finished = try await fixture.run(
      "x", "::option", "a", "b", "::backup", "::command", "echo", "::check")
    #expect(finished.status == (makes ? 0 : Int32(status)))
    let log = try fixture.text("log").split(separator: "\n")
    #expect(log.contains("-o a b init") == makes)
    #expect(log.contains("-o a b backup --stdin-from-command=true -- echo ::check") == makes)
  }

  @Test func missingSecretIsNamed() async throws {
    let fixture = try JobFixture()
    let prepare = try fixture.script("prepare", "touch \(fixture.path("prepared"))")
    _ = try fixture.job { $0.prepareCommand = prepare }
    let missing = fixture.path("nothing")
    let finished = try await fixture.run("x", "::backup", with: ["RESTIC_PASSWORD_FILE": missing])
    #expect(finished.status == 1)
    #expect(
      finished.error
        == "restic-backups-x: secrets: read \(missing): no such file or directory\n")
    #expect(!fixture.exists("prepared"))
    _ = try fixture.job { $0.environmentFiles = ["-\(missing)", missing] }
    let second = try await fixture.run("x", "::backup")
    #expect(second.error.contains("secrets: read \(missing): no such file or directory"))
    _ = try fixture.job { $0.environment["RESTIC_PASSWORD_FILE"] = "/the/file" }
    let file = try fixture.directory.write("credential", PlannedJob.missingCredential)
    let third = try await fixture.run("x", "::backup", with: ["RESTIC_PASSWORD_FILE": file])
    #expect(third.error.contains("secrets: read /the/file: it is not there"))
  }

  @Test func failureOfThePrepareCommand() async throws {
    let fixture = try JobFixture()
    // Its last command decides, as without `set -e`.
    let prepare = try fixture.script("prepare", "false\nsh -c 'echo why >&2; exit 4'\n")
    _ = try fixture.job { $0.prepareCommand = prepare }
    let finished = try await fixture.run("x", "::backup")
    #expect(finished.status == 4)
    #expect(finished.error.contains("prepare: the prepare command: exit status 4: why"))
    #expect(fixture.steps == ["secrets succeeded", "prepare failed"])
    #expect(!fixture.exists("repository"))
  }

  @Test func failureOfTheCleanupCommand() async throws {
    let fixture = try JobFixture()
    let cleanup = try fixture.script("cleanup", "exit 5")
    _ = try fixture.job { $0.cleanupCommand = cleanup }
    try fixture.directory.write("run/includes", "x")
    #expect(try await fixture.run("--cleanup", "x").status == 5)
    #expect(!fixture.exists("run/includes"))
    #expect(fixture.steps == ["cleanup failed"])
    // The job may not have been started at all.
    let finished = try await fixture.run(
      "--cleanup", "x", with: ["RUNTIME_DIRECTORY": fixture.path("nowhere")])
    #expect(finished.status == 5)
    #expect(!fixture.exists("nowhere"))
  }

  @Test func pruningAlone() async throws {
    let fixture = try JobFixture()
    _ = try fixture.job()
    for _ in 0..<3 {
      #expect(try await fixture.run("x", "::backup").status == 0)
      #expect(try await fixture.run("--cleanup", "x").status == 0)
    }
    #expect(try await fixture.snapshots() == 3)
    _ = try fixture.job { $0.source = PlannedJob.Source() }
    let finished = try await fixture.run("x", "::prune", "--keep-last", "1")
    #expect(finished.status == 0)
    #expect(try await fixture.snapshots() == 1)
    #expect(fixture.steps == ["secrets succeeded", "initialize succeeded", "prune succeeded"])
  }

  @Test func theRepositoryIsNotShownIfAFileSaysIt() async throws {
    let fixture = try JobFixture()
    _ = try fixture.job { $0.initialize = false }
    let place = fixture.path("hidden-place")
    let file = try fixture.directory.write("repository-file", "\(place)\n")
    let environment = ["RESTIC_REPOSITORY": "", "RESTIC_REPOSITORY_FILE": file]
    let finished = try await fixture.run("x", "::backup", with: environment)
    #expect(finished.status == 1)
    #expect(!(finished.error + finished.text).contains("hidden-place"))
    _ = try fixture.job()
    let made = try await fixture.run("x", "::backup", with: environment)
    #expect(made.status == 0)
    #expect(!(made.error + made.text).contains("hidden-place"))
  }

  @Test func wordsAreNeeded() async throws {
    let fixture = try JobFixture()
    _ = try fixture.job()
    #expect(try await fixture.run("x", "--tag", "y").status == 1)
    let unknown = try await fixture.run("y")
    #expect(unknown.status == 1)
    #expect(unknown.error.hasPrefix("adage: there is no job y on this machine\n"))
    #expect(try await fixture.run("../x").status == 2)
    #expect(try await fixture.run("--nothing", "x").status == 2)
    #expect(try await fixture.run("--report", "x", "y").status == 2)
  }
}
