import Age
import AgeSSH
import Foundation
import SecretMemory
import TestSupport
import Testing

/// Keys in every form in which `ssh-keygen` and `openssl` write them, with files that `age` encrypts.
@Suite struct KeyFormTests {
  static let password = "a throw-away password"
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func generate(_ arguments: [String], password: String = "") async throws {
    try await runChecked(
      "ssh-keygen",
      ["-q", "-N", password, "-a", "1", "-C", "", "-f", directory.path("key")] + arguments)
  }

  /// Checks that the key decrypts what age encrypts, and asks for the password if it has one; if it has none, age
  /// decrypts what we encrypt.
  private func check(isProtected: Bool) async throws {
    let person = Person(Self.password)
    let line = String(decoding: try directory.read("key.pub"), as: UTF8.self)
    let key = try directory.read("key")
    let identity = try sshIdentity(key.span, path: "key", publicKey: line, prompter: person)
    #expect(identity.asksSomebody == isProtected)
    #expect(try identity.recipients().map { "\($0)" } == ["\(try sshRecipient(line))"])
    let file = try await runChecked("age", ["-R", directory.path("key.pub")], input: [1, 2, 3])
    #expect(try decrypt(file, identities: [identity]) == SecretBytes(copying: [1, 2, 3]))
    #expect(person.asked == (isProtected ? ["passphrase for key"] : []))
    #expect(!identity.asksSomebody)

    let ours = try encrypt(SecretBytes(copying: [4, 5]), recipients: [sshRecipient(line)])
    #expect(try decrypt(ours, identities: [identity]) == SecretBytes(copying: [4, 5]))
    guard !isProtected else { return }
    let theirs = try await runChecked("age", ["-d", "-i", directory.path("key")], input: ours)
    #expect(theirs == [4, 5])
  }

  @Test func everyCipher() async throws {
    let ciphers = String(decoding: try await runChecked("ssh", ["-Q", "cipher"]), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    #expect(ciphers.count == 10)
    for cipher in ciphers {
      try await generate(["-t", "ed25519", "-Z", cipher], password: Self.password)
      try await check(isProtected: true)
      try FileManager.default.removeItem(atPath: directory.path("key"))
    }
  }

  @Test func ed25519() async throws {
    try await generate(["-t", "ed25519"])
    try await check(isProtected: false)
  }

  /// One key in all forms, as making one takes long.
  @Test func rsa() async throws {
    try await generate(["-t", "rsa", "-b", "2048"])
    try await check(isProtected: false)
    var old = ""
    for form in ["RFC4716", "PEM", "PKCS8"] {
      for password in [Self.password, ""] {
        try await runChecked(
          "ssh-keygen",
          [
            "-q", "-p", "-P", old, "-N", password, "-a", "1", "-m", form, "-f",
            directory.path("key"),
          ])
        old = password
        try await check(isProtected: !password.isEmpty)
      }
    }
  }

  /// What `openssl` makes of an RSA key.
  @Test(arguments: [
    (["rsa", "-traditional", "-aes128"], true), (["rsa", "-traditional", "-aes192"], true),
    (["rsa", "-traditional", "-aes256"], true), (["rsa", "-traditional", "-des3"], true),
    (["pkcs8", "-topk8", "-v2", "aes-128-cbc"], true),
    (["pkcs8", "-topk8", "-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA1"], true),
    (["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"], true),
    (["pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA224"], true),
    (["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA384", "-iter", "7"], true),
    (["pkcs8", "-topk8", "-scrypt"], true), (["pkcs8", "-topk8", "-nocrypt"], false),
  ])
  func openSSL(_ arguments: [String], _ isProtected: Bool) async throws {
    let vector = try #require(SSHVectorTests.all.first { $0.name == "key_rsa_pem" })
    try directory.write("plain", vector.privateKey)
    try directory.write("key.pub", try #require(vector["ssh recipient"]) + "\n")
    try await runChecked(
      "openssl",
      arguments + ["-in", directory.path("plain"), "-out", directory.path("key")]
        + (isProtected ? ["-passout", "pass:\(Self.password)"] : []))
    try await check(isProtected: isProtected)
  }

  /// Ed25519 in PKCS #8, which this `ssh-keygen` does not write and newer ones do.
  @Test(arguments: [[], ["-aes256"]])
  func ed25519InPKCS8(_ arguments: [String]) async throws {
    let path = directory.path("key")
    try await runChecked(
      "openssl",
      ["genpkey", "-algorithm", "ed25519", "-out", path] + arguments
        + (arguments.isEmpty ? [] : ["-pass", "pass:\(Self.password)"]))
    let der = try await runChecked(
      "openssl",
      ["pkey", "-in", path, "-pubout", "-outform", "DER", "-passin", "pass:\(Self.password)"])
    let blob = Data([0, 0, 0, 11] + Array("ssh-ed25519".utf8) + [0, 0, 0, 32] + der.suffix(32))
    try directory.write("key.pub", "ssh-ed25519 \(blob.base64EncodedString())\n")
    try await check(isProtected: !arguments.isEmpty)
  }

  /// A key of old that says nothing of itself needs its public key; other forms that nobody should use are refused.
  @Test func whatIsRefused() async throws {
    let vector = try #require(SSHVectorTests.all.first { $0.name == "key_rsa_pem" })
    try directory.write("plain", vector.privateKey)
    /// The error for what `openssl` makes, with bytes of it replaced by others.
    func failure(
      _ arguments: [String], _ old: [UInt8] = [], _ new: [UInt8] = []
    ) async throws -> SSHKeyError? {
      var text = try await runChecked(
        "openssl",
        arguments + ["-in", directory.path("plain"), "-passout", "pass:\(Self.password)"])
      if !old.isEmpty { text = try replacing(old, with: new, in: text) }
      do {
        _ = try sshIdentity(text.span, path: "key", prompter: Person(Self.password))
        return nil
      } catch {
        return error
      }
    }
    #expect(try await failure(["rsa", "-traditional", "-aes128"])?.code == .publicKeyMissing)
    #expect(try await failure(["pkcs8", "-topk8"])?.code == .publicKeyMissing)
    let weak = try await failure(["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"])
    #expect(weak?.code == .notSupported)
    #expect(weak?.hint?.contains("ssh-keygen -p") == true)
    let slow = try await failure(
      ["pkcs8", "-topk8", "-iter", "100000"], [2, 3, 0x01, 0x86, 0xa0], [2, 3, 0x7f, 0xff, 0xff])
    #expect(slow?.code == .notSupported)
    #expect(slow?.reason.contains("limit") == true)
    let large = try await failure(
      ["pkcs8", "-topk8", "-scrypt"], [2, 1, 8, 2, 1, 1], [2, 1, 0x7f, 2, 1, 0x7f])
    #expect(large?.reason == slow?.reason)
  }

  /// The text of a key some bytes of which are others.
  private func replacing(
    _ old: [UInt8], with new: [UInt8], in text: [UInt8]
  ) throws -> [UInt8] {
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    var data = try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined()))
    data.replaceSubrange(try #require(data.range(of: Data(old))), with: new)
    return Array("\(lines[0])\n\(data.base64EncodedString())\n\(lines[lines.count - 1])\n".utf8)
  }
}
