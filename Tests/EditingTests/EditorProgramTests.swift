import SystemPackage
import Testing

@testable import Editing

@Suite struct EditorProgramTests {
  @Test(
    arguments: [
      ([:], ["vi"]),
      (["EDITOR": "nano"], ["nano"]),
      (["EDITOR": " emacs  -nw\t-q\n"], ["emacs", "-nw", "-q"]),
      (["EDITOR": "", "VISUAL": "code --wait"], ["code", "--wait"]),
      (["EDITOR": "  ", "VISUAL": "joe"], ["joe"]),
      (["EDITOR": "ed", "VISUAL": "joe"], ["ed"]),
    ] as [([String: String], [String])])
  func environmentChooses(_ environment: [String: String], _ words: [String]) {
    #expect(EditorProgram { environment[$0] }.words == words)
  }

  @Test func colonChangesNothing() {
    #expect(EditorProgram { ["EDITOR": ":"][$0] }.changesNothing)
    #expect(!EditorProgram { ["EDITOR": ": x"][$0] }.changesNothing)
  }

  @Test(arguments: ["vim", "vim.basic", "vim.tiny", "vimdiff", "nvim", "view"])
  func vimsWriteNowhereElse(_ name: String) {
    let arguments = EditorProgram { ["EDITOR": "vi -X"][$0] }
      .arguments(editing: "/dev/shm/x", program: FilePath("/usr/bin/\(name)"))
    #expect(arguments.first == "-X")
    #expect(arguments.last == "/dev/shm/x")
    #expect(arguments[1...3] == ["-n", "-i", "NONE"])
  }

  @Test(arguments: ["nano", "emacs", "nvi", "busybox"])
  func othersGetTheFileAlone(_ name: String) {
    let arguments = EditorProgram { ["EDITOR": name][$0] }
      .arguments(editing: "/dev/shm/x", program: FilePath("/usr/bin/\(name)"))
    #expect(arguments == ["/dev/shm/x"])
  }

  @Test func programsAreFoundAsAShellFindsThem() {
    #expect(findProgram("sh", searchPath: "/nothing:/bin") != nil)
    #expect(findProgram("/bin/sh", searchPath: "") != nil)
    #expect(findProgram("no-such-program", searchPath: "/bin") == nil)
    #expect(findProgram("passwd", searchPath: "/etc") == nil)
    #expect(findProgram("bin", searchPath: "/usr") == nil, "a directory is no program")
  }
}
