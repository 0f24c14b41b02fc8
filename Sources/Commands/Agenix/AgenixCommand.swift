import Age
import Configuration
import Editing
import Manifest
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
    process = try .current(console)
  }

  /// The manifest's path: `--rules`, else `$RULES`, else `./secrets.nix`.
  var rulesPath: FilePath {
    process.absolute(arguments.rules ?? ProcessContext.environment("RULES") ?? "secrets.nix")
  }

  /// What may go wrong with keys is told when they are needed.
  typealias LoadedKeys = Result<DecryptionKeys, EditingError>

  /// Evaluates the manifest and hands it over; Nix's own evaluator is asked if it needs to be. The
  /// keys are loaded while it is evaluated.
  func withManifest<Value>(
    _ body: (Manifest) throws(ManifestError) -> Value
  ) async throws -> (Value, LoadedKeys) {
    let path = rulesPath
    if (try? FileStatus(path)) == nil {
      throw CommandFailure(
        "read the manifest \(path): there is no such file",
        hint: "go where secrets.nix is, or name it with --rules or $RULES")
    }
    do {
      let world = try process.world(evaluating: path, allowRead: arguments.allowsRead, console)
      var keys: LoadedKeys?
      let value = try Manifest.reading(path, world: world, meanwhile: { keys = loadKeys() }, body)
      return (value, keys ?? loadKeys())
    } catch let error as ManifestError where error.code == .unavailable {
      guard let nix = NixInstantiate(process) else {
        guard process.isRoot else { throw error }
        throw CommandFailure(
          error.description, hint: NixInstantiate.hintForRoot, trace: error.trace)
      }
      console.detail("\(error); asking nix-instantiate")
      let json = try await nix.json(of: path, through: Manifest.asJSON)
      return (try body(try Manifest(json: json, at: path)), loadKeys())
    }
  }

  /// The file of the rule that `typed` means, and the keys.
  func secretFile(for typed: String) async throws -> (SecretFile, LoadedKeys) {
    let ((rule, directory), keys) = try await withManifest { manifest throws(ManifestError) in
      let name = try manifest.name(of: typed, currentDirectory: process.currentDirectory)
      return (try manifest.rule(named: name), manifest.directory)
    }
    let count = rule.publicKeys.count
    console.detail("\(typed) is \(rule.name), for \(count) key\(count == 1 ? "" : "s")")
    return (try SecretFile(of: rule, in: directory), keys)
  }

  /// The identities that `-i` names, or the default ones.
  private func loadKeys() -> LoadedKeys {
    LoadedKeys { () throws(EditingError) in
      arguments.identities.isEmpty
        ? DecryptionKeys(defaultsIn: process.homeDirectory, process.keyring)
        : try DecryptionKeys(files: arguments.identities.map(process.absolute), process.keyring)
    }
  }

  /// The keys, now that they are needed.
  func use(_ loaded: LoadedKeys) throws -> DecryptionKeys {
    let keys = try loaded.get()
    for reason in keys.unusable { console.detail("passed over: \(reason)") }
    for identity in keys.identities { console.detail("decrypting with \(identity.name)") }
    return keys
  }
}
