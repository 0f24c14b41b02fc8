import Foundation
import NixExpression
import NixLibrary
import Testing

/// The files in the program are those of the sources.
@Suite struct EmbeddingTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/Repository/NixLibrary")

  static let sources = folder.appending(path: "nixpkgs")

  /// Each folder of sources, and where an evaluation sees it.
  static let trees = [("nixpkgs", NixLibrary.directory), ("modules", NixLibrary.modules)]

  @Test(arguments: trees) func everyFileIsThere(folder: String, directory: String) throws {
    let root = Self.folder.appending(path: folder).path
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String }
    let files = try #require(names).filter { $0.hasSuffix(".nix") }.map { "\(directory)/\($0)" }
    #expect(files.count >= 8)
    #expect(NixLibrary.paths.filter { $0.hasPrefix(directory) } == files.sorted())
  }

  @Test(arguments: trees) func everyFileIsAsItIsOnTheDisk(
    folder: String, directory: String
  ) throws {
    for path in NixLibrary.paths where path.hasPrefix(directory) {
      let name = "\(folder)/\(path.dropFirst(directory.count + 1))"
      let data = try Data(contentsOf: Self.folder.appending(path: name))
      #expect(NixLibrary.file(path).map { Data($0) } == data, "\(path)")
      #expect(NixLibrary.kind(of: path) == .regular)
    }
  }

  @Test func directoriesAreThere() throws {
    let directory = NixLibrary.directory
    #expect(NixLibrary.kind(of: directory) == .directory)
    #expect(NixLibrary.kind(of: directory + "/lib") == .directory)
    let entries = try #require(NixLibrary.entries(of: directory))
    #expect(entries.map(\.name) == ["default.nix", "lib"])
    #expect(entries.map(\.kind) == [.regular, .directory])
    #expect(
      NixLibrary.entries(of: directory + "/lib")?.contains { $0.name == "strings.nix" } == true)
  }

  @Test(arguments: [
    "/", "", "/__nixpkgs_", "/__nixpkgs__x", "/__nixpkgs__/", "/__nixpkgs__/lib/",
    "/__nixpkgs__/li", "/__nixpkgs__/lib/none.nix", "/__nixpkgs__/default.nix/x", "/etc/passwd",
  ])
  func nothingElseIs(path: String) {
    #expect(NixLibrary.file(path) == nil)
    #expect(NixLibrary.kind(of: path) == nil)
    #expect(NixLibrary.entries(of: path) == nil)
  }
}
