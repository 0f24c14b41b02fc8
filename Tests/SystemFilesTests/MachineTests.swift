import Foundation
import SystemPackage
import Testing

@testable import SystemFiles

@Suite struct ReadingTests {
  @Test func filesAreReadUpToTheLimit() throws {
    let temporary = try TemporaryDirectory()
    let path = try temporary.write(String(repeating: "x", count: 1000), to: "a")
    #expect(try readFile(path, limit: 1000).count == 1000)
    let error = try #require(throws: SystemFilesError.self) { _ = try readFile(path, limit: 999) }
    #expect(error.code == .tooLarge)
    #expect(error.description == "read \(path.string): it is larger than 999 bytes")
    #expect(try readFile("/proc/self/status", limit: 1 << 20).isEmpty == false)
    #expect(try readFile(temporary.write("", to: "empty"), limit: 0).isEmpty)
  }

  @Test func whatIsNoRegularFileIsRefusedAndDoesNotBlock() throws {
    let temporary = try TemporaryDirectory()
    let fifo = temporary.file("fifo")
    #expect(unsafe mkfifo(fifo.string, 0o600) == 0)
    let error = try #require(throws: SystemFilesError.self) { _ = try readFile(fifo, limit: 10) }
    #expect(error.description == "read \(fifo.string): it is a FIFO")
    #expect(throws: SystemFilesError(.directory, "", "")) {
      _ = try readFile(temporary.path, limit: 10)
    }
    #expect(throws: SystemFilesError(.notRegular, "", "")) {
      _ = try readFile("/dev/zero", limit: 10)
    }
  }

  @Test func linksAreFollowedOnlyIfAskedFor() throws {
    let temporary = try TemporaryDirectory()
    try temporary.write("x", to: "a")
    try temporary.link("link", to: "a")
    #expect(try readFile(temporary.file("link"), limit: 10) == [UInt8(ascii: "x")])
    #expect(throws: SystemFilesError(.link, "", "")) {
      _ = try readFile(temporary.file("link"), limit: 10, followingLinks: false)
    }
  }

  @Test func controlCharactersInAPathAreEscaped() throws {
    let error = try #require(throws: SystemFilesError.self) {
      _ = try readFile("/nowhere/\u{1b}[31m\n", limit: 10)
    }
    #expect(error.description == "read /nowhere/\\u{1B}[31m\\n: no such file or directory")
  }
}

@Suite struct AccountTests {
  @Test func knownAccountsAreFoundByNameAndNumber() throws {
    let root = try #require(try Accounts.user(named: "root"))
    #expect([root.id, root.groupID] == [0, 0])
    #expect(root.group == "root")
    #expect(root.home == "/root")
    #expect(try Accounts.user(withID: 0) == root)
    #expect(try Accounts.group(named: "root") == GroupAccount(name: "root", id: 0))
    #expect(try Accounts.group(withID: 0)?.name == "root")
    #expect(try Accounts.userNames().contains("root"))
    let lines = "a:x:1:\u{301}\n\u{301}b:x:2:c\r\nc:x\n"
    #expect(
      Accounts.fields(of: lines, count: 4).map { $0.map { Array($0.unicodeScalars) } }
        == [["a", "x", "1", "\u{301}"], ["\u{301}b", "x", "2", "c\r"]]
        .map { $0.map { Array($0.unicodeScalars) } })
  }

  @Test func accountsOutsideTheFilesAreAskedFor() throws {
    #expect(try getent("passwd", "root").hasPrefix("root:"))
    #expect(try getent("passwd", "no such user") == "")
    #expect(try getent("passwd", "--help") == "")
    #expect(try Accounts.user(named: "0") == nil, "a name of digits is not a number")
  }

  @Test func unknownAccountsAreNil() throws {
    #expect(try Accounts.user(named: "no such user") == nil)
    #expect(try Accounts.user(withID: 3_999_999_999) == nil)
    #expect(try Accounts.group(named: "no such group") == nil)
    #expect(try Accounts.group(withID: 3_999_999_999) == nil)
  }
}

@Suite struct LockTests {
  @Test func theSecondWaitsForTheFirst() throws {
    let temporary = try TemporaryDirectory()
    let events = Events()
    let directory = try DirectoryDescriptor(opening: temporary.path)
    let first = try FileLock("lock", in: directory) { events.add("first waits") }
    #expect(try FileStatus(temporary.file("lock")).mode == 0o600)
    let waiting = DispatchSemaphore(value: 0)
    let done = DispatchSemaphore(value: 0)
    let path = temporary.path
    Thread.detachNewThread {
      if let directory = try? DirectoryDescriptor(opening: path),
        let second = try? FileLock("lock", in: directory, onWait: { waiting.signal() })
      {
        events.add("second holds")
        second.release()
      }
      done.signal()
    }
    waiting.wait()
    events.add("first releases")
    first.release()
    done.wait()
    #expect(events.all == ["first releases", "second holds"])
  }

  @Test func aLinkIsNoLock() throws {
    let temporary = try TemporaryDirectory()
    try temporary.link("lock", to: "elsewhere")
    let directory = try DirectoryDescriptor(opening: temporary.path)
    #expect(throws: SystemFilesError(.link, "", "")) { _ = try FileLock("lock", in: directory) }
    #expect(try temporary.names() == ["lock"])
  }
}

private final class Events: @unchecked Sendable {
  private let lock = NSLock()
  private var events: [String] = []
  func add(_ event: String) { lock.withLock { events.append(event) } }
  var all: [String] { lock.withLock { events } }
}

@Suite struct MountTests {
  @Test(.enabled(if: isRoot, "needs root"), arguments: SecretsMount.allCases)
  func memoryIsMountedAndRecognised(kind: SecretsMount) throws {
    let temporary = try TemporaryDirectory()
    let path = try temporary.directory("mount")
    let directory = try DirectoryDescriptor(opening: path)
    #expect(try !directory.isMountPoint())
    #expect(try directory.fileSystemKind() == .other)
    try directory.mount(kind, mode: 0o751)
    defer { try? unmount(path) }
    let mounted = try DirectoryDescriptor(opening: path)
    #expect(try mounted.isMountPoint())
    #expect(try mounted.status().mode == 0o751)
    let expected: FileSystemKind =
      switch kind {
      case .ramfs: .ramfs
      case .tmpfsWithoutSwap: .tmpfs(noswap: true)
      case .tmpfs: .tmpfs(noswap: false)
      }
    #expect(try mounted.fileSystemKind() == expected)
    let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8)
    let line = try #require(mounts.split(separator: "\n").first { $0.contains(path.string) })
    for option in ["nosuid", "nodev", "noexec"] { #expect(line.contains(option)) }
  }

  @Test(.enabled(if: isRoot, "needs root")) func aTreeWithAMountInItIsNotRemoved() throws {
    let temporary = try TemporaryDirectory()
    let path = try temporary.directory("tree/mount")
    try DirectoryDescriptor(opening: path).mount(.ramfs, mode: 0o700)
    defer { try? unmount(path) }
    let directory = try DirectoryDescriptor(opening: temporary.path)
    let error = try #require(throws: SystemFilesError.self) { try directory.removeTree("tree") }
    #expect(error.description == "remove \(path.string): something is mounted there")
  }

  @Test(arguments: [
    ([], Swap.none),
    (["/dev/zram0 partition 1 0 -2"], .safe),
    (["/dev/dm-1 partition 1 0 -2", "/dev/zram0 partition 1 0 -2"], .safe),
    (["/dev/zram0 partition 1 0 -2", "/swap\\040file file 1 0 -2"], .exposed("/swap file")),
    (["/dev/sda2\tpartition\t1\t0\t-2"], .exposed("/dev/sda2")),
  ])
  func swapIsJudgedByWhatIsBehindIt(lines: [String], expected: Swap) {
    let header = "Filename Type Size Used Priority"
    let swap = Swap.parse(([header] + lines).map { $0[...] }) {
      $0.hasPrefix("/dev/zram") || $0.hasPrefix("/dev/dm-")
    }
    #expect(swap == expected)
  }

  /// sda has sda1 (plain) and sda2 (encrypted, as dm-0); dm-1 is a volume on dm-0, dm-2 one on both,
  /// dm-3 is on itself.
  @Test(arguments: [
    ("sda1", false), ("zram0", true), ("dm-0", true), ("dm-1", true), ("dm-2", false),
    ("dm-3", false), ("dm-9", false),
  ])
  func aDeviceIsAsSafeAsAllBelowIt(name: String, isSafe: Bool) throws {
    let sys = try TemporaryDirectory()
    for (device, uuid, slaves) in [
      ("sda1", nil, []), ("sda2", nil, []), ("dm-0", "CRYPT-LUKS2-0-a", ["sda2"]),
      ("dm-1", "LVM-1", ["dm-0"]), ("dm-2", "LVM-2", ["dm-0", "sda1"]), ("dm-3", "LVM-3", ["dm-3"]),
    ] as [(String, String?, [String])] {
      for slave in slaves { try sys.directory("class/block/\(device)/slaves/\(slave)") }
      try sys.directory("class/block/\(device)/dm")
      if let uuid { try sys.write(uuid + "\n", to: "class/block/\(device)/dm/uuid") }
    }
    try sys.directory("dev/block")
    try sys.link("dev/block/259:300", to: "../../class/block/\(name)")
    let devices = BlockDevices(root: sys.path)
    #expect(devices.areSafe(behind: try #require(FilePath.Component(name))) == isSafe)
    // A file is as safe as its file system, here on device 259:300; zram0 and dm-9 are not there.
    let number: UInt64 = 0x11_032c
    #expect(devices.areSafe(behindFileSystem: number) == (isSafe && name != "zram0"))
    #expect(!devices.areSafe(behindFileSystem: number + 1))
  }

  @Test func theMachinesOwnSwapCanBeJudged() throws {
    let lines = try String(contentsOfFile: "/proc/swaps", encoding: .utf8).split(separator: "\n")
    #expect((try Swap.current() == .none) == (lines.count == 1))
  }
}

@Suite struct UmaskTests {
  @Test func isWhatNewFilesGet() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path.appending("new")
    try Data().write(to: URL(filePath: path.string))
    #expect(try FileStatus(path).mode == 0o666 & ~currentUmask())
  }
}
