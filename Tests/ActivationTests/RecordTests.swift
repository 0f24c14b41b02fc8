import SystemPackage
import Testing

@testable import Activation

@Suite struct RecordTests {
  @Test func everyEntryComesBack() {
    let record = Record(entries: [
      .link(path: "/etc/with space", target: "/run/agenix/a"),
      .copy(path: "/etc/copy", device: 1, inode: 2, modified: -3),
      .temporary(path: "/etc/.adage-x"),
    ])
    let marked = Record(entries: [.link(path: "/etc/a", target: "\u{301}b")])
    #expect(Record(text: marked.text) == marked)
    #expect(Record(text: record.text) == record)
    #expect(
      record.text
        == "adage record 1\nlink\t/etc/with space\t/run/agenix/a\ncopy\t/etc/copy\t1\t2\t-3\n"
        + "temporary\t/etc/.adage-x\n")
  }

  @Test(arguments: ["9223372036854775807", "-1", "01", "+1", ""])
  func noGenerationHasSuchANumber(_ number: String) throws {
    #expect(Record.generation(ofFile: try #require(FilePath.Component(".record-\(number)"))) == nil)
  }

  @Test(arguments: [
    "", "adage record 2\nlink\t/a\t/b\n", "link\t/a\t/b\n",
    "adage record 1\nlink\t/a\ncopy\t/a\tx\t1\t1\ntemporary\n\t\n\n",
    "adage record 1\nlink\t/\t/b\ntemporary\t/\ncopy\t/\t1\t1\t1\ntemporary\t\ntemporary\t/a/..\n",
  ])
  func whatMakesNoSenseIsPassedOver(text: String) {
    #expect(Record(text: text).entries == [])
  }
}
