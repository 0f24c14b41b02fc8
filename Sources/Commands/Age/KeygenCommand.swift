import Age
import AgePostQuantum
import AgeSSH
import CSystemCalls
import Glibc
import Keyring
import SecretMemory
import SystemFiles
import SystemPackage

/// The command `age-keygen`: makes a key pair, or tells the public keys of private ones.
struct KeygenCommand {
  private let console: Console
  private var output: String?
  private var input: String?

  private static let kinds: [String: GoFlags.Kind] = [
    "version": .nothing, "pq": .nothing, "y": .nothing, "from-ssh": .nothing, "o": .value,
    "output": .value,
  ]

  /// Does what the words behind the program's name ask for.
  ///
  /// - Returns: the exit status.
  static func run(
    _ words: some Collection<String>, isSubcommand: Bool = false, _ console: Console
  ) throws -> Int32 {
    let help = keygenHelp(name: isSubcommand ? "adage keygen" : console.program)
    return try console.withHelp(help, isSubcommand: isSubcommand) {
      try run(GoFlags(words, kinds), console)
    }
  }

  private static func run(_ given: GoFlags, _ console: Console) throws -> Int32 {
    let isOn = { name in given.flags.last { $0.name == name }?.given == .set(true) }
    if isOn("version") {
      try console.print(ageVersion + "\n")
      return 0
    }
    let modes = ["pq", "y", "from-ssh"].filter(isOn)
    guard given.operands.count <= (isOn("y") || isOn("from-ssh") ? 1 : 0) else {
      throw AgeFailure("too many arguments")
    }
    if modes.count > 1 { throw AgeFailure("-\(modes[0]) cannot be used with -\(modes[1])") }
    var command = KeygenCommand(console: console)
    for case (_, .value(let name)) in given.flags { command.output = name.isEmpty ? nil : name }
    command.input = given.operands.first
    switch modes.first {
    case "y": try command.convert()
    case "from-ssh": try command.convertSSH()
    default: try command.generate(isPostQuantum: isOn("pq"))
    }
    return 0
  }

  private init(console: Console) {
    self.console = console
  }

  // MARK: Making a key

  private func generate(isPostQuantum: Bool) throws {
    if isPostQuantum {
      let identity = try inWordsOfAge { () throws(AgeError) in try HybridIdentity() }
      let secret = try inWordsOfAge { () throws(AgeError) in try identity.encoded() }
      try write(secret, for: identity.recipient.description)
    } else {
      let identity = try inWordsOfAge { () throws(AgeError) in try X25519Identity() }
      let secret = try inWordsOfAge { () throws(AgeError) in try identity.encoded() }
      try write(secret, for: identity.recipient.description)
    }
  }

  private func write(_ secret: borrowing SecretBytes, for recipient: String) throws {
    try write { descriptor in
      if Self.isWorldReadable(descriptor) {
        console.warn("writing secret key to a world-readable file")
      }
      if isatty(descriptor.rawValue) != 1 { console.usage("Public key: \(recipient)") }
      let comments = "# created: \(Timestamp.now())\n# public key: \(recipient)\n"
      try descriptor.writeAll(comments.utf8)
      _ = unsafe try secret.withUnsafeBytes { unsafe try descriptor.writeAll($0) }
      try descriptor.writeAll("\n".utf8)
    }
  }

  private static func isWorldReadable(_ descriptor: FileDescriptor) -> Bool {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o004 != 0
  }

  // MARK: Converting keys

  private func convert() throws {
    let name = input ?? "-"
    try requireInput(name)
    var keys = KeySources(
      keyring: .asking(TerminalPrompter(console: console)), console: console,
      standardInputIsTaken: false)
    var lines = ""
    do throws(AgeFailure) {
      for recipient in try keys.publicKeys(ofFile: name) {
        lines += "\(try Self.ageRecipient(recipient))\n"
      }
    } catch {
      throw AgeFailure("failed to parse input: \(error)", hint: error.hint)
    }
    try write { try $0.writeAll(lines.utf8) }
  }

  /// The text of an age recipient; an SSH key stands for one.
  private static func ageRecipient(_ recipient: any Recipient) throws(AgeFailure) -> String {
    switch recipient {
    case let recipient as SSHEd25519Recipient: return recipient.x25519Recipient.description
    case is SSHRSARecipient:
      throw AgeFailure("an ssh-rsa key stands for no age recipient")
    default:
      let text = (recipient as? any CustomStringConvertible)?.description ?? ""
      guard text.hasPrefix("age1") else {
        throw AgeFailure("the recipient of a plugin's identity is known to the plugin alone")
      }
      return text
    }
  }

  /// Makes an age identity of the SSH private key in a file.
  private func convertSSH() throws {
    guard let input, input != "-" else { throw AgeFailure("-from-ssh needs the file of a key") }
    try requireInput(input)
    let keyring = Keyring.asking(TerminalPrompter(console: console))
    let key: any SSHIdentity
    do throws(KeyringError) {
      key = try keyring.sshIdentity(at: FilePath(input))
    } catch {
      throw AgeFailure("failed to parse input: \(error)", hint: error.hint)
    }
    let identity = try inWordsOfAge { () throws(AgeError) in try key.x25519Identity() }
    let secret = try inWordsOfAge { () throws(AgeError) in try identity.encoded() }
    try write(secret, for: identity.recipient.description)
  }

  private func requireInput(_ name: String) throws(AgeFailure) {
    guard name != "-", (try? FileStatus(FilePath(name))) == nil else { return }
    throw AgeFailure(
      "failed to open input file \(name.quoted): open \(name): no such file or directory")
  }

  // MARK: Output

  /// Writes to standard output, or to a new file that only its owner can read; a file that is there already is kept.
  private func write(_ body: (FileDescriptor) throws -> Void) throws {
    guard let name = output, name != "-" else { return try body(.standardOutput) }
    let path = FilePath(name)
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: .ownerReadWrite)
    } catch {
      throw AgeFailure(
        "failed to open output file \(name.quoted): open \(name): \("\(error)".lowercased())")
    }
    unsafe path.withPlatformString { unsafe adage_remove_if_interrupted($0) }
    defer { adage_remove_if_interrupted(nil) }
    do {
      try body(descriptor)
      try descriptor.close()
    } catch {
      _ = unsafe path.withPlatformString { unsafe unlink($0) }
      throw AgeFailure("failed to write output file \(name.quoted): \("\(error)".lowercased())")
    }
  }
}

/// A time as RFC 3339 writes it.
struct Timestamp: CustomStringConvertible {
  /// Year, month, day, hour, minute and second.
  let parts: [Int]
  /// Seconds east of Greenwich.
  let offset: Int

  /// Now, in the time zone of the machine.
  static func now() -> Timestamp {
    var seconds = time(nil)
    var now = unsafe tm()
    _ = unsafe localtime_r(&seconds, &now)
    let parts = unsafe [
      now.tm_year + 1900, now.tm_mon + 1, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec,
    ]
    return unsafe Timestamp(parts: parts.map(Int.init), offset: now.tm_gmtoff)
  }

  var description: String {
    func digits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let date = parts.prefix(3).map(digits).joined(separator: "-")
    let time = parts.dropFirst(3).map(digits).joined(separator: ":")
    let minutes = abs(offset) / 60
    if minutes == 0 { return "\(date)T\(time)Z" }
    let sign = offset < 0 ? "-" : "+"
    return "\(date)T\(time)\(sign)\(digits(minutes / 60)):\(digits(minutes % 60))"
  }
}
