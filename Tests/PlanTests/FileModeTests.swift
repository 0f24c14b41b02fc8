import Foundation
import Plan
import Testing

@Suite struct FileModeTests {
  static let good: [(String, UInt32)] = [
    ("0400", 0o400), ("400", 0o400), ("0", 0), ("00440", 0o440), ("7777", 0o7777),
    ("u=rw", 0o600), ("u=rw,g=r", 0o640), ("a+r,u-x", 0o444), ("g+r", 0o440), ("u+w,g=u", 0o660),
    ("a=", 0), ("=", 0), ("=r", 0o444), ("+w", 0o600), ("+r", 0o444), ("-r", 0), ("ug+rw", 0o660),
    ("u=rwx,go=rX", 0o755), ("u=rw,go=rX", 0o644), ("g+r-r+w", 0o420), ("u+s", 0o4400),
    ("o+t", 0o1400), ("=600", 0o600), ("+040", 0o440), ("o=u,u=", 0o004),
  ]

  @Test(arguments: good) func meansWhatItMeansToChmod(text: String, expected: UInt32) throws {
    #expect(try FileMode.parse(text) == expected)
  }

  /// The oracle: chmod itself, on a file of mode 0400.
  @Test(arguments: good) func agreesWithChmod(text: String, expected: UInt32) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
    let chmod = Process()
    chmod.executableURL = URL(filePath: "/bin/sh")
    chmod.arguments = ["-c", "umask 022; chmod -- \"$1\" \"$2\"", "sh", text, path]
    // For a mode that its umask changes, chmod warns and fails, but obeys.
    chmod.standardError = FileHandle.nullDevice
    try chmod.run()
    chmod.waitUntilExit()
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect((mode as? NSNumber)?.uint32Value == expected)
  }

  @Test(
    arguments: [
      "", "8", "0800", "10000", "u", "u=rw,", ",u=r", "rw", "u=q", "u=rw g=r", "0400 ", "x=r",
      "u=gr", "u+4", "99999999999999999999", "u=rw;g=r", "0x1", "é",
    ])
  func whatChmodRefusesIsRefused(text: String) throws {
    #expect(throws: PlanError(.mode, "")) { try FileMode.parse(text) }
  }

  @Test func theBaseIsTheCallers() throws {
    #expect(try FileMode.parse("g+r", base: 0) == 0o040)
    #expect(try FileMode.parse("g+r", base: 0o644) == 0o644)
  }

  @Test func theMessageNamesTheModeAndEscapesIt() {
    let error = #expect(throws: PlanError.self) { try FileMode.parse("a\u{1b}b") }
    #expect(
      error?.description
        == "mode \"a\\u{1B}b\" is neither octal (0400) nor symbolic (u=rw,g=r)")
  }
}
