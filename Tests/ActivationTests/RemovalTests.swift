import Activation
import Foundation
import Plan
import SystemPackage
import Testing

@Suite(.enabled(if: isRoot, "needs root")) struct RemovalTests {
  @Test func everythingGoes() throws {
    let machine = try TestMachine()
    try machine.makeDirectory("/etc")
    try machine.makeDirectory("/run")
    let before = try machine.picture()
    try machine.add("a/b", path: "/etc/link")
    try machine.add("c", path: "/etc/copy", symlink: false)
    try machine.activate()
    #expect(machine.exists("/run/agenix"))
    #expect(try machine.activation.remove() == [])
    #expect(try machine.picture() == before)
    #expect(try machine.activation.remove() == [])
    try machine.activate()
  }

  @Test func whatWasChangedStays() throws {
    let machine = try TestMachine()
    try machine.add("a", path: "/etc/link")
    try machine.activate()
    try FileManager.default.removeItem(atPath: machine.inside("/etc/link").string)
    try machine.write("mine", to: "/etc/link")
    #expect(try machine.activation.remove() == ["/etc/link"])
    #expect(try machine.read("/etc/link") == "mine")
    #expect(!machine.exists("/run/agenix.d"))
  }
}
