import Foundation
import SecretMemory
import SystemFiles
import SystemPackage
import Testing

@testable import Editing

@Suite struct MemoryDirectoryTests {
  @Test func liesInMemoryForItsUserAlone() throws {
    let directory = try MemoryDirectory(in: ["/dev/shm"])
    let path = directory.path
    #expect(path.starts(with: "/dev/shm"))
    #expect(try FileStatus(path).mode == 0o700)
    try directory.write(SecretBytes(copying: Array("clear".utf8)), to: "secret.age")
    #expect(try FileStatus(path.appending("secret.age")).mode == 0o600)
    let text = try directory.read("secret.age")
    #expect(text?.withSpan { $0.count } == 5)
    #expect(try directory.read("other") == nil)
    MemoryDirectory.clean(path)
    #expect(throws: SystemFilesError.self) { try FileStatus(path) }
  }

  @Test func aDiskIsRefused() throws {
    let disk = FilePath(FileManager.default.currentDirectoryPath)
    do {
      _ = try MemoryDirectory(in: [disk, "/nothing"])
      Issue.record("made a directory on a disk")
    } catch {
      #expect(error.code == .noMemoryDirectory)
      #expect(error.reason.contains("\(disk) is not in memory"))
    }
  }

  @Test func whatAnEditorLeftGoesToo() throws {
    let directory = try MemoryDirectory(in: ["/dev/shm"])
    let path = directory.path
    try FileManager.default.createDirectory(
      atPath: "\(path)/backups", withIntermediateDirectories: false)
    try Data("clear".utf8).write(to: URL(filePath: "\(path)/backups/secret~"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/link", withDestinationPath: "/etc/passwd")
    MemoryDirectory.clean(path)
    #expect(throws: SystemFilesError.self) { try FileStatus(path) }
    #expect(try FileStatus("/etc/passwd").size > 0)
  }

  @Test func cleaningTakesNothingElse() throws {
    let path = FilePath("/dev/shm/not-ours-\(UInt32.random(in: 0...UInt32.max))")
    try FileManager.default.createDirectory(
      atPath: path.string, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path.string) }
    MemoryDirectory.clean(path)
    #expect(try FileStatus(path).kind == .directory)
  }
}
