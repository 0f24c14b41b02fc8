import Age
import AgeSSH
import SecretMemory
import TestSupport
import Testing

/// What both sides encrypt to.
enum KeyKind: String, CaseIterable, Sendable {
  case x25519, ssh, rsa, scrypt
}

/// One file of the matrix.
struct Shape: Sendable, CustomStringConvertible {
  let size: Int
  let armor: Bool

  static let all = [0, 1, 65_536, 65_537, 3 << 20 + 17].flatMap { size in
    [false, true].map { Shape(size: size, armor: $0) }
  }
  /// Every size once and both forms, for what takes seconds.
  static let some = all.enumerated().filter { [0, 3, 4, 7, 8].contains($0.offset) }.map(\.element)

  var description: String { "\(size)-\(armor ? "armor" : "binary")" }

  var clear: [UInt8] {
    var random = Pseudorandom(seed: UInt64(size))
    return random.bytes(size)
  }
}

/// Throw-away keys that other programs made.
struct Keys {
  static let password = "correct horse battery staple"

  let kind: KeyKind
  let directory: TemporaryDirectory
  let recipient: any Recipient
  let identity: any Identity

  init(_ kind: KeyKind) async throws {
    self.kind = kind
    directory = try TemporaryDirectory()
    let file = directory.path("key")
    switch kind {
    case .x25519:
      try await runChecked("age-keygen", ["-o", file])
      let text = String(decoding: try directory.read("key"), as: UTF8.self)
      let lines = text.split(separator: "\n").map(String.init)
      let own = try X25519Identity(text: lines.last ?? "")
      identity = own
      let recipient = String(
        decoding: try await runChecked("age-keygen", ["-y", file]), as: UTF8.self)
      self.recipient = try X25519Recipient(String(recipient.dropLast()))
      #expect(own.recipient.description == String(recipient.dropLast()))
      try directory.write("key.pub", recipient)
    case .ssh, .rsa:
      let type = kind == .ssh ? ["-t", "ed25519"] : ["-t", "rsa", "-b", "2048"]
      try await runChecked(
        "ssh-keygen", ["-q", "-N", "", "-C", "a throw-away key", "-f", file] + type)
      let text = try directory.read("key")
      let own = try sshIdentity(text.span, path: file)
      identity = own
      let line = String(decoding: try directory.read("key.pub"), as: UTF8.self)
      recipient = try sshRecipient(line)
      let lines = try own.recipients().map { "\($0) " }
      #expect(lines.count == 1 && line.hasPrefix(lines[0]))
    case .scrypt:
      let password = Array(Self.password.utf8)
      recipient = try ScryptRecipient(password: SecretBytes(copying: password), workFactor: 10)
      identity = ScryptIdentity(password: try SecretBytes(copying: password))
      try directory.write("key", Self.password)
    }
  }
}

/// Both directions with two other implementations: Debian's age in Go, PyPI's pyrage in Rust.
@Suite struct InteroperationTests {
  /// Encrypts or decrypts every shape with pyrage in one process.
  static let pyrage = """
    import os, sys
    try:
        import pyrage
    except ImportError:
        sys.exit("these tests need pyrage: python3 -m venv DIR && DIR/bin/pip install pyrage, then PYTHON=DIR/bin/python")
    operation, kind, directory = sys.argv[1:]
    read = lambda name: open(os.path.join(directory, name), "rb").read()
    def write(name, content):
        with open(os.path.join(directory, name), "wb") as file: file.write(content)
    key = read("key").decode()
    if kind == "x25519":
        identity = pyrage.x25519.Identity.from_str(key.splitlines()[-1])
        recipient = pyrage.x25519.Recipient.from_str(read("key.pub").decode().strip())
    elif kind in ("ssh", "rsa"):
        identity = pyrage.ssh.Identity.from_buffer(key.encode())
        recipient = pyrage.ssh.Recipient.from_str(read("key.pub").decode().strip())
    for name in sorted(os.listdir(directory)):
        stem, _, suffix = name.partition(".")
        if operation == "encrypt" and suffix == "clear":
            armored = stem.endswith("armor")
            if kind == "scrypt": file = pyrage.passphrase.encrypt(read(name), key, armored=armored)
            else: file = pyrage.encrypt(read(name), [recipient], armored=armored)
            write(stem + ".age", file)
        elif operation == "decrypt" and suffix == "age":
            if kind == "scrypt": clear = pyrage.passphrase.decrypt(read(name), key)
            else: clear = pyrage.decrypt(read(name), [identity])
            write(stem + ".out", clear)
    """

  @Test(arguments: KeyKind.allCases)
  func pyrageReadsOurs(_ kind: KeyKind) async throws {
    let keys = try await Keys(kind)
    for shape in Shape.all {
      let file = try encrypted(shape.clear, [keys.recipient], armor: shape.armor)
      try keys.directory.write("\(shape).age", file)
    }
    try await runChecked(
      python, ["-c", Self.pyrage, "decrypt", kind.rawValue, keys.directory.path])
    for shape in Shape.all {
      #expect(try keys.directory.read("\(shape).out") == shape.clear, "\(shape)")
    }
  }

  @Test(arguments: KeyKind.allCases)
  func weReadPyrages(_ kind: KeyKind) async throws {
    let keys = try await Keys(kind)
    // pyrage derives from a password for a second or two, and so must we then.
    let shapes = kind == .scrypt ? Shape.some : Shape.all
    for shape in shapes { try keys.directory.write("\(shape).clear", shape.clear) }
    try await runChecked(
      python, ["-c", Self.pyrage, "encrypt", kind.rawValue, keys.directory.path])
    for shape in shapes {
      try check(try keys.directory.read("\(shape).age"), shape, keys)
    }
  }

  @Test(arguments: [KeyKind.x25519, .ssh])
  func ageReadsOurs(_ kind: KeyKind) async throws {
    let keys = try await Keys(kind)
    for shape in Shape.all {
      var source = BytesSource(shape.clear)
      var sink = BytesSink()
      try encrypt(from: &source, to: &sink, recipients: [keys.recipient], armor: shape.armor)
      let clear = try await runChecked(
        "age", ["-d", "-i", keys.directory.path("key")], input: sink.bytes)
      #expect(clear == shape.clear, "\(shape)")
    }
  }

  @Test(arguments: [KeyKind.x25519, .ssh])
  func weReadAges(_ kind: KeyKind) async throws {
    let keys = try await Keys(kind)
    for shape in Shape.all {
      let file = try await runChecked(
        "age", ["-R", keys.directory.path("key.pub")] + (shape.armor ? ["-a"] : []),
        input: shape.clear)
      try check(file, shape, keys)
    }
  }

  /// A file for many, in both orders of recipients.
  @Test func ageReadsOursForSeveral() async throws {
    let x25519 = try await Keys(.x25519)
    let ssh = try await Keys(.ssh)
    for recipients in [[x25519.recipient, ssh.recipient], [ssh.recipient, x25519.recipient]] {
      let file = try encrypted([1, 2, 3], recipients)
      for keys in [x25519, ssh] {
        let clear = try await runChecked(
          "age", ["-d", "-i", keys.directory.path("key")], input: file)
        #expect(clear == [1, 2, 3])
      }
    }
  }

  private func check(_ file: [UInt8], _ shape: Shape, _ keys: Keys) throws {
    #expect(file.starts(with: Array("-----BEGIN".utf8)) == shape.armor)
    let outcome = Outcome(BytesSource(file), [keys.identity])
    #expect(outcome.failure == nil)
    #expect(outcome.released == shape.clear, "\(shape)")
    // A second derivation from a password would take another second.
    if keys.kind == .scrypt { return }
    #expect(try decrypt(file, identities: [keys.identity]).revealed == shape.clear, "\(shape)")
  }
}
