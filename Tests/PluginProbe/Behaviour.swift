import AgePlugin
import Glibc

extension Talk {
  /// Does what the keys ask for before the work is done, honest or not.
  mutating func behave() throws {
    for word in words {
      try ask(word)
      try complain(word)
      try misbehave(word)
    }
  }

  private mutating func ask(_ word: String) throws {
    switch word {
    case "pin":
      let answer = try say("request-secret", text: "PIN of the test\u{1b}[31m")
      guard answer.0 == "ok" else { try refuse("no PIN was given") }
      guard answer.2 == Array("1234".utf8) else { try refuse("wrong PIN") }
    case "try-pin": _ = try say("request-secret", text: "PIN of the test")
    case "name":
      let answer = try say("request-public", text: "your name")
      guard answer.2 == Array("somebody".utf8) else {
        try refuse("wrong name")
      }
    case "msg": guard try say("msg", text: "touch it\n").0 == "ok" else { exit(6) }
    case "confirm":
      // "go on"
      let answer = try say("confirm", "Z28gb24", text: "go on?")
      guard answer.0 == "ok", answer.1 == ["yes"] else {
        try refuse("not confirmed")
      }
    case "choose":
      // "left", "right"
      let answer = try say("confirm", "bGVmdA", "cmlnaHQ", text: "left or right?")
      guard answer.0 == "ok", answer.1 == ["no"] else {
        try refuse("wrong choice")
      }
    case "grease":
      guard try say("frobnicate", "1", "2", text: "x").0 == "unsupported" else { exit(6) }
    default: break
    }
  }

  /// Says what is wrong, and goes.
  private mutating func refuse(_ text: String) throws -> Never {
    try say("error", "internal", text: text)
    exit(4)
  }

  private mutating func complain(_ word: String) throws {
    switch word {
    case "error-internal": _ = try say("error", "internal", text: "it is broken")
    case "error-recipient": _ = try say("error", "recipient", "0", text: "no such recipient")
    case "error-identity": _ = try say("error", "identity", "0", text: "no such identity")
    case "error-stanza": _ = try say("error", "stanza", "0", "0", text: "bad stanza")
    case "error-and-leave": try refuse("it gives up")
    default: break
    }
  }

  private mutating func misbehave(_ word: String) throws {
    switch word {
    case "leave": exit(3)
    case "die": raise(SIGKILL)
    case "leave-midway":
      try raw("-> msg\nYWJj")
      exit(0)
    case "nonsense": try raw("hello, is anybody there?\n")
    case "flood-line": while true { try raw(String(repeating: "x", count: 4096)) }
    case "flood-errors":
      let text = String(repeating: "x", count: 4096)
      while true { PluginProbe.complain(text) }
    case "flood-unread": while true { try raw("-> msg\n\n") }
    case "endless-msg": while try say("msg", text: "again").0 == "ok" {}
    case "endless-unknown": while try say("frobnicate").0 == "unsupported" {}
    case "close-output":
      close(STDOUT_FILENO)
      while try reader.next() != nil {}
      exit(6)
    case "descriptors": try log("descriptors \(descriptors())")
    case "twice": _ = try say("file-key", "0", body: [UInt8](repeating: 1, count: 16))
    case _ where word.hasPrefix("until:"):
      while unsafe access(String(word.dropFirst(6)), F_OK) != 0 { usleep(1000) }
    default: break
    }
  }

  /// What the open descriptors are, as the kernel names it, without the directory that is read for it.
  private func descriptors() -> String {
    (0..<256).compactMap { number in
      var name = [CChar](repeating: 0, count: 256)
      let count = unsafe readlink("/proc/self/fd/\(number)", &name, name.count)
      return count > 0 ? String(decoding: name[..<count].map(UInt8.init), as: UTF8.self) : nil
    }.joined(separator: " ")
  }
}
