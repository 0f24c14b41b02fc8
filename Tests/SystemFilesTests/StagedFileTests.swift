import Foundation
import SystemFiles
import SystemPackage
import Testing

let isRoot = getuid() == 0
let bytes = Array("new".utf8)

@Suite struct StagedFileTests {
  @Test func commitReplacesAndLeavesNothingElse() throws {
    let directory = try TemporaryDirectory()
    try directory.write("old", to: "a", mode: 0o640)
    let staged = try StagedFile(replacing: directory.file("a"), .preserved(newMode: 0o600))
    try staged.write(bytes)
    #expect(try directory.read("a") == "old")
    #expect(try directory.names().count == 2)
    try staged.commit()
    #expect(try directory.read("a") == "new")
    #expect(try directory.names() == ["a"])
    #expect(try FileStatus(directory.file("a")).mode == 0o640)
  }

  @Test func theTemporaryIsClosedToOthersUntilItIsCommitted() throws {
    let directory = try TemporaryDirectory()
    let staged = try StagedFile(
      replacing: directory.file("a"), .exactly(FileAttributes(mode: 0o666)))
    try staged.write(bytes)
    let name = try #require(try directory.names().first)
    #expect(name.hasPrefix(temporaryPrefix))
    #expect(try FileStatus(directory.file(name)).mode == 0o600)
    try staged.commit()
    #expect(try FileStatus(directory.file("a")).mode == 0o666)
  }

  @Test(arguments: [true, false]) func whatIsNotCommittedIsRemoved(discarding: Bool) throws {
    let directory = try TemporaryDirectory()
    try directory.write("old", to: "a")
    func stage() throws {
      let staged = try StagedFile(replacing: directory.file("a"), .preserved(newMode: 0o600))
      try staged.write(bytes)
      if discarding { staged.discard() }
    }
    try stage()
    #expect(try directory.read("a") == "old")
    #expect(try directory.names() == ["a"])
  }

  /// Who may not give a file to its owner still gives it to its group.
  @Test(.enabled(if: isRoot, "needs root")) func theGroupIsKeptWhereTheOwnerCannotBe() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("old", to: "a", mode: 0o640)
    // New files here have the directory's group.
    try FileManager.default.setAttributes(
      [.ownerAccountID: 65534, .groupOwnerAccountID: 65534, .posixPermissions: 0o2755],
      ofItemAtPath: directory.path.string)
    let symbol = try unsafe #require(unsafe dlsym(nil, "setfsuid"))
    let becomeOnThisThread = unsafe unsafeBitCast(
      symbol, to: (@convention(c) (UInt32) -> Int32).self)
    do {
      _ = becomeOnThisThread(65534)
      defer { _ = becomeOnThisThread(0) }
      let staged = try StagedFile(replacing: path, .preserved(newMode: 0o600))
      try staged.write(bytes)
      #expect(try staged.status().group == 65534)
      try staged.commit()
    }
    let status = try FileStatus(path)
    #expect([status.owner, status.group, status.mode] == [65534, 0, 0o640])
  }

  /// Times and sizes that others can give a file are no reason to trap.
  @Test func extremeTimesAndSizesAreRead() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a", to: "late")
    var times = [timespec(tv_sec: 1 << 33, tv_nsec: 0), timespec(tv_sec: 1 << 33, tv_nsec: 0)]
    try #require(unsafe utimensat(AT_FDCWD, directory.file("late").string, &times, 0) == 0)
    #expect(try FileStatus(directory.file("late")).size == 1)
    let path = "/dev/shm/adage-test-\(UInt64.random(in: 0...UInt64.max))"
    defer { _ = unsafe unlink(path) }
    try #require(FileManager.default.createFile(atPath: path, contents: nil))
    try #require(unsafe truncate(path, .max) == 0)
    #expect(throws: SystemFilesError(.tooLarge, "", "")) {
      _ = try readFile(FilePath(path), limit: 100)
    }
  }

  @Test func aDirectoryIsNeverReplaced() throws {
    let directory = try TemporaryDirectory()
    try directory.directory("a")
    #expect(throws: SystemFilesError(.directory, "", "")) {
      _ = try StagedFile(replacing: directory.file("a"), .preserved(newMode: 0o600))
    }
    let descriptor = try DirectoryDescriptor(opening: directory.path)
    #expect(throws: SystemFilesError(.directory, "", "")) {
      _ = try StagedFile.link(to: "x", replacing: "a", in: descriptor)
    }
    #expect(try directory.names() == ["a"])
  }

  @Test func aLinkIsReplacedAndNotWrittenThrough() throws {
    let directory = try TemporaryDirectory()
    try directory.write("target", to: "target", mode: 0o644)
    try directory.link("a", to: "target")
    let staged = try StagedFile(replacing: directory.file("a"), .preserved(newMode: 0o600))
    try staged.write(bytes)
    try staged.commit()
    #expect(try directory.read("target") == "target")
    let status = try FileStatus(directory.file("a"), followingLinks: false)
    #expect(status.kind == .regular)
    #expect(status.mode == 0o600)
  }

  @Test func aStagedLinkTakesThePlaceOfAFile() throws {
    let directory = try TemporaryDirectory()
    try directory.write("old", to: "a")
    let descriptor = try DirectoryDescriptor(opening: directory.path)
    let staged = try StagedFile.link(to: "elsewhere", replacing: "a", in: descriptor)
    #expect(try directory.read("a") == "old")
    try staged.commit()
    #expect(try descriptor.linkTarget(of: "a") == "elsewhere")
    #expect(try directory.names() == ["a"])
  }

  @Test(.enabled(if: isRoot, "needs root")) func ownersAreGivenAndPreserved() throws {
    let directory = try TemporaryDirectory()
    let attributes = FileAttributes(mode: 0o440, owner: 65534, group: 1)
    let first = try StagedFile(replacing: directory.file("a"), .exactly(attributes))
    try first.commit()
    let second = try StagedFile(replacing: directory.file("a"), .preserved(newMode: 0o600))
    try second.commit()
    let status = try FileStatus(directory.file("a"))
    #expect([status.owner, status.group, status.mode] == [65534, 1, 0o440])
  }

  @Test func aMissingDirectoryIsNamed() throws {
    let directory = try TemporaryDirectory()
    let error = try #require(throws: SystemFilesError.self) {
      _ = try StagedFile(replacing: directory.file("no/a"), .preserved(newMode: 0o600))
    }
    #expect(error.code == .notFound)
    #expect(
      error.description
        == "open directory \(directory.file("no").string): no such file or directory")
  }
}

extension ReplacementBatch {
  fileprivate mutating func stage(
    _ bytes: [UInt8], replacing path: FilePath, _ attributes: StagedFile.Attributes
  ) throws(SystemFilesError) {
    let file = try StagedFile(replacing: path, attributes)
    try file.write(bytes)
    try add(file)
  }
}

@Suite struct ReplacementBatchTests {
  @Test func allAreReplacedAtOnce() throws {
    let directory = try TemporaryDirectory()
    try directory.directory("other")
    let names = (0..<100).map { $0 % 2 == 0 ? "f\($0)" : "other/f\($0)" }
    for name in names.prefix(50) { try directory.write("old", to: name, mode: 0o604) }
    var batch = ReplacementBatch()
    for name in names {
      try batch.stage(bytes, replacing: directory.file(name), .preserved(newMode: 0o640))
    }
    #expect(batch.count == 100)
    #expect(try directory.read("f0") == "old")
    try batch.commit()
    for (index, name) in names.enumerated() {
      #expect(try directory.read(name) == "new")
      #expect(try FileStatus(directory.file(name)).mode == (index < 50 ? 0o604 : 0o640))
    }
    #expect(try directory.names().count == 51)
  }

  @Test func aFailureWhileStagingLeavesEverythingAsItWas() throws {
    let directory = try TemporaryDirectory()
    try directory.write("old", to: "a")
    try directory.directory("b")
    func replace() throws {
      var batch = ReplacementBatch()
      try batch.stage(bytes, replacing: directory.file("a"), .preserved(newMode: 0o600))
      try batch.stage(bytes, replacing: directory.file("b"), .preserved(newMode: 0o600))
      try batch.commit()
    }
    #expect(throws: SystemFilesError(.directory, "", "")) { try replace() }
    #expect(try directory.read("a") == "old")
    #expect(try directory.names() == ["a", "b"])
  }

  @Test func aFailureBetweenTwoRenamesSaysHowFarItCame() throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b", "c"] { try directory.write("old", to: name) }
    var batch = ReplacementBatch()
    for name in ["a", "b", "c"] {
      try batch.stage(bytes, replacing: directory.file(name), .preserved(newMode: 0o600))
    }
    try FileManager.default.removeItem(atPath: directory.file("b").string)
    try directory.directory("b/x")
    do {
      try batch.commit()
      Issue.record("a directory was replaced")
    } catch {
      #expect(error.code == .partlyReplaced)
      #expect(error.description.hasSuffix("; 1 of 3 files had been replaced"))
    }
    #expect(try directory.read("a") == "new")
    #expect(try directory.read("c") == "old")
    #expect(try directory.names() == ["a", "b", "c"])
  }
}
