package import Age

/// What plugins need of their surroundings.
package struct Plugins: Sendable {
  /// Where they are looked for.
  let directories: PluginDirectories
  /// Whom they may ask.
  let prompter: any Prompter
  /// For how many milliseconds a plugin may keep silent before somebody is told what is waited for.
  let patience: Int32

  package init(
    in directories: PluginDirectories = .none, prompter: any Prompter = NobodyToAsk(),
    patience: Int32 = 5000
  ) {
    self.directories = directories
    self.prompter = prompter
    self.patience = patience
  }

  /// The same identities, all of one plugin together at the first one's place, so that the plugin is started once.
  package static func grouped(_ identities: [any Identity]) -> [any Identity] {
    var result: [any Identity] = []
    var places: [PluginName: Int] = [:]
    for identity in identities {
      guard let identity = identity as? PluginIdentities else {
        result.append(identity)
        continue
      }
      if let place = places[identity.plugin], let first = result[place] as? PluginIdentities {
        result[place] = first.and(identity)
      } else {
        places[identity.plugin] = result.count
        result.append(identity)
      }
    }
    return result
  }

  /// The same recipients, all of one plugin together at the first one's place, so that the plugin is started once.
  package static func grouped(_ recipients: [any Recipient]) -> [any Recipient] {
    var result: [any Recipient] = []
    var places: [PluginName: Int] = [:]
    for recipient in recipients {
      guard let recipient = recipient as? PluginRecipients else {
        result.append(recipient)
        continue
      }
      if let place = places[recipient.plugin], let first = result[place] as? PluginRecipients {
        result[place] = first.and(recipient)
      } else {
        places[recipient.plugin] = result.count
        result.append(recipient)
      }
    }
    return result
  }

  /// Runs a plugin as one of its state machines.
  ///
  /// - Throws: what `body` throws, with what the plugin said of it on standard error; `AgeError` with the code `.plugin` if
  ///   it is not there or cannot be started.
  func run<Result>(
    _ plugin: PluginName, _ machine: String,
    _ body: (PluginProcess) throws(AgeError) -> Result
  ) throws(AgeError) -> Result {
    let path = try directories.program(of: plugin)
    let process = try PluginProcess(
      path, name: plugin.program, machine: machine, patience: patience
    ) { prompter.show("waiting for \(plugin.program)") }
    do throws(AgeError) {
      let result = try body(process)
      process.end()
      return result
    } catch {
      throw process.explain(error)
    }
  }
}
