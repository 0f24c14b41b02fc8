import Age
import AgePlugin
import Glibc
import Keyring
import SecretMemory
import SystemFiles
import SystemPackage

/// The command `age`: encrypts and decrypts files, with the flags, the defaults and the exit statuses of age 1.3.
struct AgeCommand: ~Copyable {
  private let arguments: AgeArguments
  private let console: Console
  private let prompter: TerminalPrompter
  private var keys: KeySources
  private let input: InputFile

  /// Does what the words behind the program's name ask for.
  ///
  /// - Parameter mode: `["-e"]` or `["-d"]` for `adage encrypt` and `adage decrypt`, else empty.
  /// - Returns: the exit status.
  static func run(
    _ words: some Collection<String>, mode: [String] = [], _ console: Console
  ) throws -> Int32 {
    let help = mode.isEmpty ? ageHelp(name: console.program) : ageHelp(name: nil)
    guard !words.isEmpty || !mode.isEmpty else {
      console.usage(help)
      return 1
    }
    return try console.withHelp(help, isSubcommand: !mode.isEmpty) {
      let arguments = try AgeArguments(mode + words)
      if arguments.showsVersion {
        try console.print(ageVersion + "\n")
        return 0
      }
      var command = try AgeCommand(arguments, console)
      try command.run()
      console.warnIfUnlocked()
      return 0
    }
  }

  private init(_ arguments: AgeArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    for (kind, value) in arguments.duplicates {
      console.warn("duplicate \(kind) \(value.quoted)")
    }
    input = try InputFile(arguments.input)
    prompter = TerminalPrompter(console: console)
    keys = KeySources(
      keyring: .asking(prompter), console: console,
      standardInputIsTaken: input.name == nil)
  }

  private mutating func run() throws {
    if arguments.decrypts { try decrypt() } else { try encrypt() }
  }

  // MARK: Output

  private var namesOutput: Bool { arguments.output != nil && arguments.output != "-" }

  private var outputIsTerminal: Bool { !namesOutput && isatty(STDOUT_FILENO) == 1 }

  /// The file that `-o` names, which must be none of those that are read; nil for standard output.
  private func output() throws(AgeFailure) -> OutputFile? {
    guard namesOutput, let name = arguments.output else { return nil }
    let files = arguments.identities.compactMap {
      if case .file(let name) = $0 { name } else { nil }
    }
    let used = [input.path] + (files + arguments.recipientFiles).map { FilePath($0) }
    for path in used where OutputFile.isSame(FilePath(name), path) {
      throw AgeFailure("input and output file are the same: \(name.quoted)")
    }
    return try OutputFile(name)
  }

  // MARK: Encrypting

  private mutating func encrypt() throws {
    if outputIsTerminal && !arguments.armors && arguments.output != "-" {
      throw AgeFailure(
        "refusing to output binary to the terminal",
        hint: "did you mean to use -a/--armor? force anyway with \"-o -\"")
    }
    let file = try output()
    let recipients = try recipients()
    let armor = arguments.armors
    let source = DescriptorSource(input.descriptor)
    func encrypt(to sink: inout some ByteSink) throws(AgeFailure) {
      var source = source
      try inWordsOfAge { () throws(AgeError) in
        try Age.encrypt(from: &source, to: &sink, recipients: recipients, armor: armor)
      }
    }
    if let file {
      try file.write {
        var sink = DescriptorSink($0)
        try encrypt(to: &sink)
      }
    } else if outputIsTerminal && input.isTyped {
      // What is typed ends before anything is shown.
      var buffer = BytesSink()
      try encrypt(to: &buffer)
      try FileDescriptor.standardOutput.writeAll(buffer.bytes)
    } else {
      var sink = DescriptorSink(.standardOutput)
      try encrypt(to: &sink)
    }
  }

  private mutating func recipients() throws(AgeFailure) -> [any Recipient] {
    if arguments.asksForPassphrase {
      return try inWordsOfAge { () throws(AgeError) in
        [try ScryptRecipient(password: try prompter.newPassphrase())]
      }
    }
    var recipients: [any Recipient] = []
    for (index, text) in arguments.recipients.enumerated() {
      recipients.append(try keys.recipient(text, number: index + 1))
    }
    for name in arguments.recipientFiles { recipients += try keys.recipients(ofFile: name) }
    for identity in try identities() {
      recipients += try inWordsOfAge { () throws(AgeError) in try identity.recipients() }
    }
    return Plugins.grouped(recipients)
  }

  private mutating func identities() throws(AgeFailure) -> [any Identity] {
    var identities: [any Identity] = []
    for source in arguments.identities {
      switch source {
      case .file(let name): identities += try keys.identities(ofFile: name)
      case .plugin(let name): identities.append(try keys.identity(ofPlugin: name))
      }
    }
    return Plugins.grouped(identities)
  }

  // MARK: Decrypting

  private mutating func decrypt() throws {
    if input.isTyped {
      try decrypt(from: try input.readTyped())
    } else {
      try decrypt(from: DescriptorSource(input.descriptor))
    }
  }

  private mutating func decrypt<Source: ByteSource>(from source: Source) throws {
    let output = try output()
    let identities = try identities()
    let file: EncryptedFile<Source>
    do throws(AgeError) {
      file = try EncryptedFile(reading: source)
    } catch {
      throw input.isMangled ? AgeFailure.mangled : AgeFailure(error)
    }
    let key = try fileKey(of: file.header, identities)
    func decrypt(to sink: inout some ByteSink & ~Copyable) throws(AgeFailure) {
      try inWordsOfAge { () throws(AgeError) in try file.decrypt(with: key, to: &sink) }
    }
    var terminal = DescriptorSink(.standardOutput)
    if let output {
      try output.write {
        var sink = DescriptorSink($0)
        try decrypt(to: &sink)
      }
    } else if outputIsTerminal && (arguments.output == nil || input.isTyped) {
      try inWordsOfAge { () throws(AgeError) in
        var text = try TerminalText(allowsAll: arguments.output != nil)
        try file.decrypt(with: key, to: &text)
        try text.finish(to: &terminal)
      }
    } else {
      try decrypt(to: &terminal)
    }
  }

  /// The file key, for which a passphrase is asked only where no identity was named.
  private func fileKey(
    of header: Header, _ identities: [any Identity]
  ) throws(AgeFailure) -> FileKey {
    let isForPassphrase = header.stanzas.count == 1 && header.stanzas[0].type == "scrypt"
    if arguments.identities.isEmpty {
      guard isForPassphrase else {
        throw AgeFailure(
          "the file is not passphrase-encrypted, identities are required",
          hint: "specify identities with -i/--identity or -j to decrypt this file")
      }
      return try inWordsOfAge { () throws(AgeError) in
        try header.fileKey(identities: [ScryptIdentity(asking: prompter, for: "passphrase")])
      }
    }
    if isForPassphrase {
      throw AgeFailure(
        "file is passphrase-encrypted but identities were specified with -i/--identity or -j",
        hint: "remove all -i/--identity/-j flags to decrypt passphrase-encrypted files")
    }
    return try inWordsOfAge { () throws(AgeError) in try header.fileKey(identities: identities) }
  }
}
