import Age
import Configuration
import Editing
import Manifest
import SecretMemory
import SystemFiles
import SystemPackage

/// agenix's command: edit, decrypt and rekey the secrets of a manifest.
struct AgenixCommand {
  let arguments: AgenixArguments
  let console: Console
  let process: ProcessContext

  /// Does what the arguments behind the program's name ask for.
  ///
  /// - Returns: the exit status.
  static func run(_ words: ArraySlice<String>, _ console: Console) async throws -> Int32 {
    let arguments: AgenixArguments
    do throws(AgenixArguments.Invalid) {
      arguments = try AgenixArguments(words)
    } catch .unknown {
      try console.print(agenixHelp(name: console.program))
      return 1
    } catch {
      throw CommandFailure(
        error.description, hint: "\(console.program) --help shows how it is called")
    }
    switch arguments.action {
    case .showHelp: try console.print(agenixHelp(name: console.program))
    case .showVersion: try console.print("\(console.program) \(adageVersion)\n")
    case .decrypt(let file): try await AgenixCommand(arguments, console).decrypt(file)
    case .edit(let file): try await AgenixCommand(arguments, console).edit(file)
    case .rekey: try await AgenixCommand(arguments, console).rekey()
    }
    return 0
  }

  private init(_ arguments: AgenixArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    process = try .current()
  }

  /// The manifest's path: `--rules`, else `$RULES`, else `./secrets.nix`.
  var rulesPath: FilePath {
    process.absolute(arguments.rules ?? ProcessContext.environment("RULES") ?? "secrets.nix")
  }

  /// Evaluates the manifest and hands it over; Nix's own evaluator is asked if it needs to be.
  func withManifest<Result>(
    _ body: (Manifest) throws(ManifestError) -> Result
  ) async throws -> Result {
    let path = rulesPath
    if (try? FileStatus(path)) == nil {
      throw CommandFailure(
        "read the manifest \(path): there is no such file",
        hint: "go where secrets.nix is, or name it with --rules or $RULES")
    }
    do {
      let world = try process.world(evaluating: path, allowRead: arguments.allowsRead, console)
      return try Manifest.reading(path, world: world, body)
    } catch let error as ManifestError where error.code == .unavailable {
      guard let nix = NixInstantiate(process) else {
        guard process.isRoot else { throw error }
        throw CommandFailure(
          error.description, hint: NixInstantiate.hintForRoot, trace: error.trace)
      }
      console.detail("\(error); asking nix-instantiate")
      return try body(
        try Manifest(json: try await nix.json(of: path, through: Manifest.asJSON), at: path))
    }
  }

  /// The file of the rule that `typed` means.
  func secretFile(for typed: String) async throws -> SecretFile {
    let (rule, directory) = try await withManifest { manifest throws(ManifestError) in
      let name = try manifest.name(of: typed, currentDirectory: process.currentDirectory)
      return (try manifest.rule(named: name), manifest.directory)
    }
    let count = rule.publicKeys.count
    console.detail("\(typed) is \(rule.name), for \(count) key\(count == 1 ? "" : "s")")
    return try SecretFile(of: rule, in: directory)
  }

  /// The identities that `-i` names, or the default ones.
  func keys() throws -> DecryptionKeys {
    let keys =
      arguments.identities.isEmpty
      ? DecryptionKeys(defaultsIn: process.homeDirectory)
      : try DecryptionKeys(files: arguments.identities.map(process.absolute))
    for reason in keys.unusable { console.detail("passed over: \(reason)") }
    for identity in keys.identities { console.detail("decrypting with \(identity.name)") }
    return keys
  }

  /// Says once that clear text lies in memory that could not be locked.
  func warnIfUnlocked() {
    if SecretBytes.anyUnlocked {
      console.warn("clear text was in memory that could not be locked: raise `ulimit -l`")
    }
  }
}
