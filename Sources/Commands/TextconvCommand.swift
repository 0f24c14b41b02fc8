import Age
import ArgumentParser
import Editing
import Keyring
import SecretMemory
import SystemFiles
import SystemPackage

/// `adage textconv`: what `git diff` shows of an encrypted file.
struct TextconvCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "textconv", abstract: "Print an encrypted file as git diff shows it.",
    discussion: """
      Prints the clear text to who may read it, and else a line that says how many keys may. Nobody is \
      asked for a password: git runs this for each version of each file. It is set with \
      git config diff.adage.textconv 'adage textconv', as adage init does.
      """)

  @Argument(help: ArgumentHelp("The file.", valueName: "file"))
  var file: String

  @Option(
    name: .shortAndLong, parsing: .singleValue,
    help: ArgumentHelp("Decrypt with this key file instead of the default ones.", valueName: "key"))
  var identity: [String] = []

  /// The most bytes of clear text that are shown, as of a file that is edited.
  private static let limit = 64 << 20

  func run() throws {
    let console = Console(program: "adage", isVerbose: false)
    let process = try ProcessContext.current(console)
    let content = try readFile(process.absolute(file), limit: Self.limit)
    let header: Header
    do throws(AgeError) {
      header = try EncryptedFile(reading: BytesSource(content)).header
    } catch {
      try console.print("(not encrypted: \(content.count) bytes)\n")
      return
    }
    // Whoever is not asked has nobody to ask.
    let keyring = Keyring()
    let keys =
      identity.isEmpty
      ? DecryptionKeys(defaultsIn: process.homeDirectory, keyring)
      : try DecryptionKeys(files: identity.map(process.absolute), keyring)
    let usable = keys.identities.filter { !$0.asksSomebody }
    do throws(AgeError) {
      let clearText = try Age.decrypt(content, identities: usable)
      var sink = DescriptorSink(.standardOutput)
      try clearText.withSpan { bytes throws(AgeError) in try sink.write(bytes) }
    } catch {
      if error.code == .write { throw error }
      let count = header.stanzas.count
      let reason = error.code == .noMatch ? "" : ", and damaged"
      try console.print("(encrypted: \(count) recipient\(count == 1 ? "" : "s")\(reason))\n")
    }
  }
}
