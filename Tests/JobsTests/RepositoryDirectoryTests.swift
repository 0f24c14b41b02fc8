import Foundation
import Glibc
import Plan
import TestSupport
import Testing

@testable import Jobs

@Suite(.enabled(if: geteuid() == 0, "only root gives directories away"))
struct RepositoryDirectoryTests {
  private func job(
    _ path: String, user: String = "nobody", _ change: (inout PlannedJob) -> Void = { _ in }
  ) -> PlannedJob {
    var job = PlannedJob(
      name: "x", user: user, restic: "/r", environment: ["RESTIC_REPOSITORY": path],
      initialize: true, isHardened: true)
    change(&job)
    return job
  }

  private func owner(_ path: String) throws -> String {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let mode = try #require(attributes[.posixPermissions] as? Int)
    return "\(attributes[.ownerAccountName] ?? "?") \(String(mode, radix: 8))"
  }

  @Test func madeForTheUserWithWhatLeadsThere() throws {
    let folder = try TemporaryDirectory()
    try job("local:\(folder.path("a/b/"))").makeRepositoryDirectory()
    // Where anybody may have put what leads there, it is the user's, too.
    #expect(try owner(folder.path("a")) == "nobody 700")
    #expect(try owner(folder.path("a/b")) == "nobody 700")
  }

  @Test func whatIsThereStaysAsItIs() throws {
    let folder = try TemporaryDirectory()
    try folder.write("file", "")
    for name in ["file", ""] {
      try job(folder.path(name)).makeRepositoryDirectory()
    }
    #expect(try owner(folder.path("file")).hasPrefix("root "))
    #expect(try owner(folder.path("")).hasPrefix("root "))
  }

  /// Where restic makes the directory itself, or there is none.
  @Test func notForOthers() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("a")
    try job(path) { $0.isHardened = false }.makeRepositoryDirectory()
    try job(path) { $0.initialize = false }.makeRepositoryDirectory()
    try job(path, user: "no-such-user").makeRepositoryDirectory()
    try job("rest:http://localhost/a").makeRepositoryDirectory()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  /// A user's link does not lead root elsewhere.
  @Test func linksOfUsersAreNotFollowed() throws {
    let folder = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: folder.path("theirs"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("theirs/link"), withDestinationPath: folder.path("elsewhere"))
    try FileManager.default.setAttributes(
      [.ownerAccountName: "nobody"], ofItemAtPath: folder.path("theirs"))
    #expect(throws: (any Error).self) {
      try job(folder.path("theirs/link/a")).makeRepositoryDirectory()
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("elsewhere")))
  }
}
