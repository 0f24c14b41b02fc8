import Foundation
import SystemFiles
import SystemPackage
import Testing

@Suite struct DirectoryTests {
  @Test func directoriesGetTheirModeWhateverTheUmask() throws {
    let temporary = try TemporaryDirectory()
    let directory = try DirectoryDescriptor(opening: temporary.path)
    let made = try directory.makeDirectory("a", FileAttributes(mode: 0o777))
    #expect(try made.status().mode == 0o777)
    #expect(throws: SystemFilesError(.exists, "", "")) {
      _ = try directory.makeDirectory("a", FileAttributes(mode: 0o700))
    }
    let again = try directory.directory("a", orMaking: FileAttributes(mode: 0o700))
    #expect(try again.status().mode == 0o777)
  }

  @Test func aLinkIsNoDirectory() throws {
    let temporary = try TemporaryDirectory()
    try temporary.directory("real")
    try temporary.link("link", to: "real")
    let directory = try DirectoryDescriptor(opening: temporary.path)
    #expect(throws: SystemFilesError(.link, "", "")) { _ = try directory.directory("link") }
    #expect(throws: SystemFilesError(.link, "", "")) {
      _ = try DirectoryDescriptor(opening: temporary.file("link"), followingLinks: false)
    }
    #expect(try directory.status(of: "link")?.kind == .link)
    #expect(try directory.status(of: "nothing") == nil)
    #expect(try directory.linkTarget(of: "nothing") == nil)
    #expect(throws: SystemFilesError(.exists, "", "")) { try directory.linkTarget(of: "real") }
  }

  @Test func treesAreRemovedWithoutFollowingLinks() throws {
    let temporary = try TemporaryDirectory()
    try temporary.directory("tree/a/b/c")
    try temporary.directory("kept")
    try temporary.write("x", to: "kept/file")
    try temporary.write("x", to: "tree/a/file", mode: 0o400)
    try temporary.link("tree/a/out", to: "../../kept")
    try temporary.link("tree/dangling", to: "/nowhere")
    let directory = try DirectoryDescriptor(opening: temporary.path)
    try directory.removeTree("tree")
    try directory.removeTree("tree")
    #expect(try temporary.names() == ["kept"])
    #expect(try temporary.read("kept/file") == "x")
    #expect(throws: SystemFilesError(.directory, "", "")) { try directory.remove("kept") }
  }

  @Test func entriesAreEveryNameOnce() throws {
    let temporary = try TemporaryDirectory()
    for index in 0..<500 { try temporary.write("", to: "file \(index)") }
    let directory = try DirectoryDescriptor(opening: temporary.path)
    for _ in 0..<2 {
      #expect(try Set(directory.entries().map(\.string)) == Set((0..<500).map { "file \($0)" }))
    }
  }

  @Test func reachMakesWhatIsMissing() throws {
    let temporary = try TemporaryDirectory()
    let root = try DirectoryDescriptor(opening: temporary.path)
    let missing = MissingDirectories(
      trusted: FileAttributes(mode: 0o750), foreign: FileAttributes(mode: 0o700))
    var made: [String] = []
    let reached = try root.reach("/a/./b/c", making: missing) {
      made.append($0.path.appending($1).string)
    }
    #expect(reached.path == temporary.file("a/b/c"))
    #expect(made == ["a", "a/b", "a/b/c"].map { temporary.file($0).string })
    #expect(try FileStatus(temporary.file("a/b")).mode == 0o750)
    #expect(throws: SystemFilesError(.notFound, "", "")) { _ = try root.reach("/a/x") }
    #expect(throws: SystemFilesError(.notDirectory, "", "")) {
      try temporary.write("", to: "a/file")
      _ = try root.reach("/a/file/x", making: missing)
    }
  }

  @Test(arguments: [
    ("relative/x", "real/x"), ("absolute/x", "real/x"), ("up/x", "real/x"), ("outside/x", "x"),
  ])
  func reachFollowsTrustedLinksAndStaysInside(path: String, leadsTo: String) throws {
    let temporary = try TemporaryDirectory()
    try temporary.directory("real/x")
    try temporary.directory("x")
    try temporary.link("relative", to: "real")
    try temporary.link("absolute", to: "/real")
    try temporary.link("up", to: "real/../../../real")
    try temporary.link("outside", to: "../../../..")
    let root = try DirectoryDescriptor(opening: temporary.path)
    let reached = try root.reach(FilePath("/" + path)).status()
    #expect(try reached.isSameFile(as: FileStatus(temporary.file(leadsTo))))
  }

  @Test func reachGivesUpOnALoop() throws {
    let temporary = try TemporaryDirectory()
    try temporary.link("a", to: "b")
    try temporary.link("b", to: "a")
    let root = try DirectoryDescriptor(opening: temporary.path)
    let error = try #require(throws: SystemFilesError.self) { _ = try root.reach("/a") }
    #expect(error.code == .link)
    #expect(error.description.hasSuffix(": there are more than 40 links on the way"))
  }

  @Test(.enabled(if: isRoot, "needs root"))
  func reachFollowsNoLinkBelowAnotherUsersDirectory() throws {
    let temporary = try TemporaryDirectory()
    try temporary.directory("home/config")
    try temporary.directory("etc")
    try temporary.link("home/link", to: "/etc")
    try temporary.link("home/config/link", to: "/etc")
    try FileManager.default.setAttributes(
      [.ownerAccountID: 65534], ofItemAtPath: temporary.file("home").string)
    let root = try DirectoryDescriptor(opening: temporary.path)
    // `config` belongs to root, but whoever owns `home` could have moved it there.
    for path: FilePath in ["/home/link", "/home/config/link"] {
      #expect(throws: SystemFilesError(.link, "", "")) { _ = try root.reach(path) }
    }
    let missing = MissingDirectories(
      trusted: FileAttributes(mode: 0o755),
      foreign: FileAttributes(mode: 0o700, owner: 65534, group: 65534))
    _ = try root.reach("/home/config/new/deep", making: missing)
    let status = try FileStatus(temporary.file("home/config/new/deep"))
    #expect([status.owner, status.group, status.mode] == [65534, 65534, 0o700])
  }
}

@Suite struct ClosingTests {
  /// Closing twice closes whatever another thread has opened meanwhile under the same number.
  @Test func aDescriptorIsClosedOnce() throws {
    let temporary = try TemporaryDirectory()
    let path = temporary.path
    let failures = Failures()
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for index in 0..<300 {
        do {
          let directory = try DirectoryDescriptor(opening: path)
          let file = try OpenFile.creating(
            try #require(FilePath.Component("\(thread)-\(index)")), in: directory)
          try file.write(bytes)
          try file.setAttributes(FileAttributes(mode: 0o600))
          try file.close()
          try directory.synchronize()
          try directory.close()
          let staged = try StagedFile(
            replacing: path.appending("\(thread)"), .preserved(newMode: 0o600))
          try staged.write(bytes)
          if index % 100 == 0 { try staged.commit() } else { staged.discard() }
        } catch {
          failures.add("\(error)")
        }
      }
    }
    #expect(failures.all == [])
  }
}

private final class Failures: @unchecked Sendable {
  private let lock = NSLock()
  private var messages: [String] = []
  func add(_ message: String) { lock.withLock { messages.append(message) } }
  var all: [String] { lock.withLock { messages } }
}
