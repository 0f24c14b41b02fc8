import Foundation
import Jobs
import TestSupport
import Testing

/// `NAME.env` is what `NAME.json` says, to systemd 252: null if that refuses the file.
@Suite struct EnvironmentFileTests {
  static let folder = packageRoot.appending(path: "Vectors/environment")
  static let names =
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path))
    .map { files in files.filter { $0.hasSuffix(".env") }.map { String($0.dropLast(4)) }.sorted() }
    ?? []

  private func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
  }

  @Test func thereAreVectors() { #expect(Self.names.count >= 15) }

  @Test(arguments: names)
  func variables(name: String) throws {
    let expected = try JSONDecoder().decode(
      [String: String]?.self, from: Data(try read("\(name).json")))
    let bytes = try read("\(name).env")
    guard let expected else {
      #expect(throws: JobError(.system, "")) {
        try EnvironmentFile.variables(of: bytes, commentsContinue: true)
      }
      return
    }
    #expect(try EnvironmentFile.variables(of: bytes, commentsContinue: true) == expected)
    #expect(try EnvironmentFile.dependsOnVersion(bytes) == (name == "comments"))
  }

  /// Since 254 a comment ends with its line.
  @Test func commentsOfNewerVersions() throws {
    let variables = try EnvironmentFile.variables(
      of: try read("comments.env"), commentsContinue: false)
    #expect(variables == ["A": "1", "B": "2", "C": "3", "D": "4"])
  }
}
