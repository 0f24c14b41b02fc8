import Foundation
import Glibc
import Plan
import TestSupport
import Testing

/// The command `restic-NAME`, with a restic that shows what it is given.
@Suite struct WrapperTests {
  private func fixture(_ change: (inout PlannedJob) -> Void = { _ in }) throws -> JobFixture {
    let fixture = try JobFixture()
    _ = unsafe chmod(fixture.directory.path, 0o755)
    let restic = try fixture.script(
      "restic",
      """
      #!/bin/sh
      echo "uid $(id -u) groups $(id -G)"
      for word; do echo "word $word"; done
      echo "home $HOME"
      env | grep -E '^(A|B|KEY|RESTIC_[A-Z_]*|XDG_[A-Z_]*)=' | LC_ALL=C sort
      for file in "$RESTIC_PASSWORD_FILE" "$RESTIC_PASSWORD_FILE"; do
        test -r "$file" && echo "password $(cat "$file")"
      done
      exit 3
      """)
    let environmentFile = try fixture.directory.write(
      "environment", "KEY='a $(touch \(fixture.path("executed")))'\nB=file\n")
    _ = try fixture.job {
      $0.restic = restic
      $0.environmentFiles = ["-\(fixture.path("nothing"))", environmentFile]
      $0.environment = [
        "A": "50%%", "B": "unit", "RESTIC_PASSWORD_FILE": fixture.path("password"),
        "RESTIC_REPOSITORY_FILE": "/r",
      ]
      change(&$0)
    }
    return fixture
  }

  private static let isRoot = geteuid() == 0

  @Test(.enabled(if: isRoot, "the job's user is root"))
  func environmentAndArguments() async throws {
    let fixture = try fixture()
    let finished = try await fixture.run(
      "--restic", "x", "-o", "a=b", "--", "snapshots", "--", "-x",
      with: ["RESTIC_PASSWORD": "of another", "XDG_CACHE_HOME": "/mine", "A": "mine"])
    #expect(finished.status == 3)
    let lines = finished.text.split(separator: "\n").map(String.init)
    #expect(
      lines.filter { $0.hasPrefix("word ") }
        == ["-o", "a=b", "snapshots", "--", "-x"].map { "word \($0)" })
    #expect(
      lines.filter { $0.contains("=") && !$0.hasPrefix("word") } == [
        "A=50%", "B=file", "KEY=a $(touch \(fixture.path("executed")))",
        "RESTIC_PASSWORD_FILE=\(fixture.path("password"))", "RESTIC_REPOSITORY_FILE=/r",
      ])
    #expect(!fixture.exists("executed"))
  }

  @Test(.enabled(if: isRoot, "root becomes the job's user"))
  func theJobsUserAndItsCredentials() async throws {
    let fixture = try fixture {
      $0.user = "nobody"
      $0.environment["RESTIC_REPOSITORY_FILE"] = nil
      $0.supplementaryGroups = ["daemon"]
      $0.usesCredentials = true
    }
    let finished = try await fixture.run("--restic", "x", "--", "snapshots")
    #expect(finished.error == "")
    let lines = finished.text.split(separator: "\n").map(String.init)
    #expect(lines.first == "uid 65534 groups 65534 1")
    #expect(lines.contains("home /nonexistent"))
    #expect(lines.contains { $0.hasPrefix("RESTIC_PASSWORD_FILE=/proc/self/fd/") })
    // As often as it is read.
    #expect(lines.filter { $0 == "password secret-of-the-repository" }.count == 2)
  }

  @Test(.enabled(if: isRoot, "somebody else must not become the job's user"))
  func othersAreToldToUseSudo() async throws {
    let fixture = try fixture()
    for name in ["jobs", "jobs/x.json"] { _ = unsafe chmod(fixture.path(name), 0o755) }
    let finished = try await TestSupport.run(
      "setpriv",
      [
        "--reuid", "nobody", "--clear-groups", product("adage"), "run-job", "--jobs",
        fixture.path("jobs"), "--restic", "x", "--",
      ])
    #expect(finished.status == 1)
    #expect(finished.error.contains("hint: run it with sudo"))
  }

  @Test func withoutTheAccount() async throws {
    let fixture = try fixture { $0.user = "no-such-user" }
    let finished = try await fixture.run("--restic", "x", "--")
    #expect(finished.status == 1)
    #expect(finished.error.contains("there is no user no-such-user"))
  }

  @Test func anEnvironmentFileThatIsNotThere() async throws {
    let fixture = try fixture { $0.environmentFiles = ["/nonexistent/file"] }
    let finished = try await fixture.run("--restic", "x", "--")
    #expect(finished.status == 1)
    #expect(finished.output.isEmpty)
  }
}
