import Foundation
import Testing

/// Where clear text goes while it is edited and activated: nowhere that outlives the run.
@Suite struct LeakTests {
  /// A vim whose owner wants everything kept: undo, backups, swap files, registers.
  private static let greedyVim = """
    set nocompatible viminfo='100,<50,s10,h undofile backup writebackup swapfile updatecount=1
    set undodir=~/kept// backupdir=~/kept// directory=~/kept//
    autocmd VimEnter * normal! yyp
    autocmd VimEnter * wq
    """

  private func withVim(_ sandbox: borrowing Sandbox) throws {
    let home = sandbox.folder.appending(path: "home")
    try Data(Self.greedyVim.utf8).write(to: home.appending(path: ".vimrc"))
    try FileManager.default.createDirectory(
      at: home.appending(path: "kept"), withIntermediateDirectories: false)
  }

  /// The files below the sandbox and the memory for editors that hold a text.
  private func findings(_ text: String, _ sandbox: borrowing Sandbox) throws -> [String] {
    let outcome = try sandbox.run(
      "grep -rlaF -- '\(text)' . /dev/shm/adage-edit-* 2>/dev/null | sort")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test func vimThatYankedALineLeavesNothing() throws {
    let sandbox = try Sandbox()
    try withVim(sandbox)
    _ = try sandbox.run("echo adage-clear-vim | adage -e secret1.age")
    let outcome = try sandbox.run("EDITOR=vim adage -e secret1.age", onTerminal: true)
    #expect(outcome.status == 0)
    let text = try sandbox.run("adage -d secret1.age")
    #expect(text.output == "adage-clear-vim\nadage-clear-vim\n")
    #expect(try findings("adage-clear-vim", sandbox) == [])
  }

  @Test func theSameVimAloneLeavesIt() throws {
    let sandbox = try Sandbox()
    try withVim(sandbox)
    _ = try sandbox.run("echo adage-clear-alone > file; vim file", onTerminal: true)
    #expect(try findings("adage-clear-alone", sandbox).contains("./home/.viminfo"))
  }

  /// Runs `adage -e` with an editor that waits, and sends a signal to adage meanwhile.
  private func interrupt(_ sandbox: borrowing Sandbox, with signal: String) throws
    -> Sandbox.Outcome
  {
    let editor = """
      #!/bin/sh
      echo adage-clear-\(signal) >"$1"
      echo "$1" >place
      echo $PPID >process
      while [ ! -e done ] && kill -0 $PPID 2>/dev/null; do sleep 0.01; done
      """
    try Data(editor.utf8).write(to: sandbox.folder.appending(path: "editor"))
    return try sandbox.run(
      """
      chmod +x editor; cp secret1.age before
      EDITOR=./editor script -qec 'adage -e secret1.age; echo $? >status' /dev/null </dev/null >/dev/null &
      until [ -s process ]; do sleep 0.01; done
      kill -\(signal) "$(cat process)"
      [ \(signal) != INT ] || touch done
      until [ ! -e "$(dirname "$(cat place)")" ]; do sleep 0.01; done
      touch done; wait
      cat status
      """)
  }

  @Test(arguments: ["TERM", "HUP", "KILL"])
  func aSignalLeavesNothing(_ signal: String) throws {
    let sandbox = try Sandbox()
    let outcome = try interrupt(sandbox, with: signal)
    let number = ["TERM": 15, "HUP": 1, "KILL": 9][signal]!
    #expect(outcome.output == "\(128 + number)\n")
    #expect(try sandbox.run("cmp secret1.age before").status == 0)
    // What the editor script itself says is the only place.
    #expect(try findings("adage-clear-\(signal)", sandbox) == ["./editor"])
  }

  @Test func interruptIsTheEditorsAffair() throws {
    let sandbox = try Sandbox()
    let outcome = try interrupt(sandbox, with: "INT")
    #expect(outcome.output == "0\n")
    #expect(try sandbox.run("adage -d secret1.age").output == "adage-clear-INT\n")
  }

  /// The paths of files that a traced command wrote a text to.
  private func writes(
    of text: String, by command: String, onTerminal: Bool, _ sandbox: borrowing Sandbox
  ) throws -> [String] {
    let calls = "trace=write,pwrite64,writev,pwritev,pwritev2,sendfile,splice,copy_file_range"
    let outcome = try sandbox.run(
      "strace --quiet=all -f -y -s 4096 -e \(calls) -o trace \(command)", onTerminal: onTerminal)
    #expect(outcome.status == 0, Comment(rawValue: outcome.output + outcome.errors))
    let trace = try String(
      contentsOf: sandbox.folder.appending(path: "trace"), encoding: .utf8)
    return trace.split(separator: "\n").filter { $0.contains(text) }.map { line in
      let path = line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
      return String(path)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "tracing a process that forbids dumps needs root"))
  func anEditWritesClearTextToMemoryAlone() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run("echo adage-clear-edit | adage -e secret1.age")
    let paths = try writes(
      of: "adage-clear-edit", by: "env EDITOR='sed -i s/edit/edit-again/' adage -e secret1.age",
      onTerminal: true, sandbox)
    #expect(paths.count >= 2, "adage writes it, and so does sed")
    #expect(paths.allSatisfy { $0.hasPrefix("/dev/shm/adage-edit-") }, "\(paths)")
    #expect(try sandbox.run("adage -d secret1.age").output == "adage-clear-edit-again\n")
  }

  @Test(.enabled(if: geteuid() == 0, "mounting and tracing need root"))
  func anActivationWritesClearTextToMemoryAlone() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run("echo adage-clear-activation | adage -e secret1.age; mkdir root")
    defer { _ = try? sandbox.run("umount root/run/agenix.d") }
    let machine = """
      { age.identityPaths = [ ./home/.ssh/id_ed25519 ]; age.secrets.one.file = ./secret1.age; }
      """
    try Data(machine.utf8).write(to: sandbox.folder.appending(path: "machine.nix"))
    let paths = try writes(
      of: "adage-clear-activation", by: "adage activate --configuration machine.nix --root root",
      onTerminal: false, sandbox)
    #expect(paths.count == 1)
    #expect(paths.allSatisfy { $0.contains("/root/run/agenix.d/") }, "\(paths)")
    let kind = try sandbox.run("stat -f -c %T root/run/agenix.d/")
    #expect(kind.output == "ramfs\n")
  }
}
