import Age
import AgeSSH
import TestSupport
import Testing

/// What may stand around a public key, and what may not.
@Suite struct PublicKeyLineTests {
  static let key = "AAAAC3NzaC1lZDI1NTE5AAAAIORukc72gpjUcTzL2wXhmL+ZQEuNOtV9SfYm14PRSQq6"
  static let plain = "ssh-ed25519 \(key)"

  @Test(arguments: [
    plain, "\(plain) a comment", "\(plain) comment \"with an open quote", "  \(plain)\t\r\n",
    "\(plain)\tcomment", "ssh-ed25519\t \(key)", "\(plain) ssh-rsa AAAA",
    "no-pty \(plain)", "no-pty,command=\"echo hello\" \(plain) comment",
    "command=\"echo \\\"a b\\\" c\",no-pty \(plain)",
    "from=\"*.example.org,!x\",environment=\"A=b c\" \(plain)",
    "environment=\"A=\\\\\" \(plain)", "command=\"ssh-ed25519 AAAA\" \(plain)",
    "cert-authority \(plain)", "example.org \(plain)", "[example.org]:2222,192.0.2.1 \(plain)",
    "|1|c2FsdA==|aGFzaA== \(plain)",
  ])
  func accepted(_ line: String) throws {
    #expect(try SSHEd25519Recipient(line).description == Self.plain)
  }

  @Test(arguments: [
    "", " ", "ssh-ed25519", "ssh-ed25519 ", key, "ssh-ed25519 AAAA", "ssh-ed25519 \(key)A",
    "ssh-ed25519 \(key.dropLast())", "ssh-ed25519 \(key)====", "ssh-ed25519 \(key.dropLast(4))",
    "ssh-ed25519 \(key)AAAA", "ssh-ed25519 \(key.dropLast())~", "ssh-rsa \(key)",
    "SSH-ED25519 \(key)",
    "@revoked example.org \(plain)", "a b \(plain)", "command=\"open \(plain)",
    "ssh-ed25519, \(key)",
    // 32 bytes that are no point; the neutral element; a point of order eight.
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    // 31 and 33 bytes.
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAH+Rukc72gpjUcTzL2wXhmL+ZQEuNOtV9SfYm14PRSQo=",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIeRukc72gpjUcTzL2wXhmL+ZQEuNOtV9SfYm14PRSQq6AA==",
  ])
  func malformed(_ line: String) {
    do {
      _ = try SSHEd25519Recipient(line)
      Issue.record("it was accepted")
    } catch {
      #expect(error.code == .malformed, "\(error)")
    }
  }

  /// The types that OpenSSH has, as it makes them.
  @Test(arguments: [["rsa"], ["ecdsa"], ["ecdsa", "-b", "521"]])
  func notSupported(_ arguments: [String]) async throws {
    let directory = try TemporaryDirectory()
    try await runChecked(
      "ssh-keygen", ["-q", "-N", "", "-f", directory.path("key"), "-t"] + arguments)
    let line = String(decoding: try directory.read("key.pub"), as: UTF8.self)
    do {
      _ = try SSHEd25519Recipient(line)
      Issue.record("it was accepted")
    } catch {
      #expect(error.code == .notSupported)
      #expect(error.reason.contains(line.prefix { $0 != " " }))
    }
  }

  /// A host key as `ssh-keyscan` prints it, and as `ssh-keygen` hashes it.
  @Test func knownHosts() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("known_hosts", "example.org,192.0.2.7 \(Self.plain)\n")
    try await runChecked("ssh-keygen", ["-q", "-H", "-f", path])
    let lines = String(decoding: try directory.read("known_hosts"), as: UTF8.self).split(
      separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      #expect(try SSHEd25519Recipient(String(line)).description == Self.plain)
    }
  }
}
