import SecretMemory
import Testing

@testable import Backblaze

@Suite struct BackblazeTests {
  @Test(arguments: [
    ("b2 command line tool, version 1.3.8\n", "1.3.8"),
    ("b2 command line tool, version 5.0.2 (b2sdk version 2.13.2)\n", "5.0.2"),
  ])
  func theCommandSaysItsVersion(_ text: String, _ version: String) {
    #expect(BackblazeCommand("b2", announcing: text)?.version == version)
  }

  @Test(arguments: [
    "", "Unable to load B2: could not find 'boost-build.jam'\n", "b2 command line tool, version x",
  ])
  func anotherProgramOfItsNameIsNone(_ text: String) {
    #expect(BackblazeCommand("b2", announcing: text) == nil)
  }

  @Test func theCallsAreThoseOfTheCurrentCommand() {
    #expect(
      BackblazeCommand.calls(bucket: "backups") == [
        #"b2 bucket create backups allPrivate --lifecycle-rule '{"daysFromHidingToDeleting": 30, "daysFromUploadingToHiding": null, "fileNamePrefix": ""}'"#,
        "b2 key create --bucket backups adage-backups "
          + "listBuckets,listAllBucketNames,listFiles,readFiles,writeFiles,deleteFiles,shareFiles,"
          + "readBucketEncryption,writeBucketEncryption,readBucketReplications,writeBucketReplications",
      ])
  }

  @Test(arguments: [
    ("backups", true), ("My-Backups-7", true), ("short", false), ("b2-backups", false),
    ("with_underscore", false), (String(repeating: "x", count: 64), false), ("--option", false),
  ])
  func bucketsHaveNames(_ name: String, _ isName: Bool) {
    #expect(BackblazeCommand.isBucketName(name) == isName)
  }

  private static let rule =
    #"{"daysFromHidingToDeleting": 30, "daysFromUploadingToHiding": null, "fileNamePrefix": ""}"#

  private func bucket(_ type: String, _ rules: String) -> String {
    "{\n  \"bucketType\": \"\(type)\",\n  \"lifecycleRules\": [\(rules)]\n}"
  }

  @Test func aBucketAsWeMakeItIsTaken() throws {
    try BackblazeCommand.check(bucket("allPrivate", Self.rule), of: "backups")
  }

  @Test(arguments: [
    ("allPublic", rule), ("allPrivate", ""), ("allPrivate", rule + ", " + rule),
    ("allPrivate", rule.replacing("30", with: "3")),
    ("allPrivate", rule.replacing("null", with: "7")),
    ("allPrivate", rule.replacing("\"\"", with: "\"x\"")),
  ])
  func anotherBucketIsNot(_ type: String, _ rules: String) {
    #expect(throws: BackblazeError(.bucket, "")) {
      try BackblazeCommand.check(bucket(type, rules), of: "backups")
    }
  }

  @Test func rightsAreReadFromAnAnswer() throws {
    let answer =
      #"{"allowed": {"capabilities": [ "listBuckets","readFiles", "x" ]}, "t": "secret"}"#
    let found = KeyCheck.rights(in: Array(answer.utf8).span)
    let rights = try #require(found)
    #expect(rights == ["listBuckets", "readFiles", "x"])
    let missing = Rights.missing(from: rights)
    #expect(missing.needed == ["listFiles", "writeFiles", "deleteFiles"])
    #expect(missing.useful == Rights.useful)
  }

  @Test(arguments: ["", "{}", "\"capabilities\"", "{\"capabilities\": [\"a\""])
  func anAnswerMayHaveNone(_ answer: String) {
    let found = KeyCheck.rights(in: Array(answer.utf8).span)
    #expect(found == nil)
  }

  @Test func everyRightIsNeededOrUseful() {
    #expect(Set(Rights.all) == Set(Rights.needed + Rights.useful))
    #expect(Rights.all.count == 11)
  }
}
