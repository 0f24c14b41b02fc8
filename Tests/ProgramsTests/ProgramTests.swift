import Programs
import SecretMemory
import Testing

@Suite struct ProgramTests {
  @Test func outputAndErrors() async throws {
    let program = Program("sh", ["-c", "cat; echo $X >&2; exit 3"], environment: ["X": "y"])
    let output = try await program.output(input: Array("in".utf8))
    #expect(output.ending == .exited(3))
    #expect(output.text == "in")
    #expect(output.errors == "y\n")
  }

  /// More than a pipe takes without a reader.
  @Test func inputThatNobodyReads() async throws {
    let input = [UInt8](repeating: 0, count: 1 << 20)
    #expect(try await Program("true").output(input: input).ending == .exited(0))
    #expect(try await Program("wc", ["-c"]).output(input: input).text == "1048576\n")
  }

  @Test func aDeadline() async throws {
    let error = await #expect(throws: ProgramError.self) {
      try await Program("sleep", ["100"]).output(within: 1)
    }
    #expect(error?.description == "run sleep: it did not end within 1 s")
    #expect(try await Program("cat").output(input: [65], within: 60).text == "A")
  }

  @Test func signalsEndIt() async throws {
    let output = try await Program("/bin/sh", ["-c", "kill -9 $$"]).output()
    #expect(output.ending == .signal(9))
    #expect(output.ending.status == 137)
  }

  @Test func rightsOfAnother() async throws {
    guard try await Program("id", ["-u"]).output().text == "0\n" else { return }
    let account = Program.Account(user: 65534, group: 65534, groups: [1, 65534])
    let output = try await Program("id", account: account).output()
    #expect(output.text.hasPrefix("uid=65534(nobody) gid=65534(nogroup) groups="))
    #expect(!output.text.contains("(root)"))
  }

  @Test func missingProgram() async throws {
    let error = await #expect(throws: ProgramError.self) {
      try await Program("/nonexistent/x", ["secret"]).output()
    }
    let text = try #require(error?.description)
    #expect(text.hasPrefix("run /nonexistent/x: "))
    #expect(!text.contains("secret"))
  }
}

@Suite struct SecretOutputTests {
  @Test func itIsKeptInGuardedMemory() async throws {
    let program = Program("sh", ["-c", "cat; head -c 200000 /dev/zero >&2; exit 3"])
    let output = try await program.secretOutput(
      input: try SecretBytes(copying: Array("in".utf8)), limit: 300_000)
    #expect(output.ending == .exited(3))
    #expect(output.bytes == (try SecretBytes(copying: Array("in".utf8))))
    #expect(output.errors.count == 200_000)
  }

  @Test func itHasALimit() async throws {
    await #expect(throws: ProgramError.self) {
      _ = try await Program("sh", ["-c", "head -c 200000 /dev/zero"]).secretOutput(limit: 1000)
    }
  }

  @Test func withoutInputThereIsNone() async throws {
    #expect(try await Program("cat").secretOutput().bytes.isEmpty)
  }
}
