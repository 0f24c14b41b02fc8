internal import Plan
internal import SystemFiles
internal import SystemPackage
internal import Units

/// A configuration as it is kept: a directory with the plan, the cipher text and the jobs.
struct StoredConfiguration: Sendable {
  let number: Int
  /// `plan.json`, as it is.
  let text: [UInt8]
  let plan: Plan
  var settings: DeploymentSettings

  /// What it has outside of its directory.
  var unitSet: UnitSet { UnitSet(plan, at: settings.places, boot: settings.boot) }
}

extension Plan {
  /// The plan with its cipher text where a configuration of this number keeps it.
  func stored(as number: Int, at places: Places) -> Plan {
    var plan = self
    for index in plan.secrets.indices {
      plan.secrets[index].file =
        StoredConfiguration.secret(plan.secrets[index].name, of: number, at: places).string
    }
    return plan
  }

  /// Its files as they are written.
  var fileArtifacts: [Artifact] {
    files.map {
      Artifact(path: $0.path, .file(text: $0.text, mode: $0.isExecutable ? 0o755 : 0o644))
    }
  }
}

extension StoredConfiguration {
  /// Where the cipher text of a secret is.
  static func secret(_ name: String, of number: Int, at places: Places) -> FilePath {
    places.configuration(number).appending("secrets")
      .appending(FilePath(name + ".age").components)
  }

  /// The number of the configuration that a link leads to; nil if there is no such link.
  static func number(
    behind link: FilePath, at places: Places, on disk: Disk
  ) throws(SystemFilesError) -> Int? {
    guard let target = try disk.linkTarget(of: link),
      target.removingLastComponent() == FilePath(places.configurations.lastComponent!.string)
    else { return nil }
    return target.lastComponent.flatMap { number(ofDirectory: $0) }
  }

  static func number(ofDirectory name: FilePath.Component) -> Int? {
    guard let number = Int(name.string), number > 0, String(number) == name.string else {
      return nil
    }
    return number
  }

  /// The numbers of all that are there.
  static func numbers(at places: Places, on disk: Disk) throws(SystemFilesError) -> [Int] {
    do throws(SystemFilesError) {
      return try disk.directory(at: places.configurations).entries()
        .compactMap(number(ofDirectory:))
    } catch  where error.code == .notFound {
      return []
    }
  }

  /// Reads a configuration.
  init(_ number: Int, at places: Places, on disk: Disk) throws(DeploymentError) {
    let directory = places.configuration(number)
    let (plan, settings) = try touchingFiles { () throws(SystemFilesError) in
      (
        try disk.contents(of: directory.appending("plan.json")),
        try disk.contents(of: directory.appending("deployment.json"))
      )
    }
    guard let plan, let settings else {
      throw DeploymentError(
        .noConfiguration, "read \(directory): the configuration is not complete")
    }
    do throws(PlanError) {
      self.init(
        number: number, text: plan, plan: try Plan(json: plan),
        settings: try DeploymentSettings(json: settings, at: places))
    } catch {
      throw DeploymentError(.noConfiguration, "read \(directory): \(error)")
    }
  }

  /// Writes a configuration's directory; nothing has its name before all of it is on the disk.
  ///
  /// - Parameters:
  ///   - ciphers: the cipher text of each secret, by name.
  ///   - sharing: a configuration whose file is used again where its cipher text is the same, so that the file's time
  ///     says when the secret changed.
  func write(
    ciphers: [String: [UInt8]], sharing live: (number: Int, names: Set<String>)?, on disk: Disk
  ) throws(SystemFilesError) {
    let places = settings.places
    let parent = try disk.directory(at: places.configurations, making: true)
    let temporary = temporaryName()
    let directory = try parent.makeDirectory(temporary, FileAttributes(mode: 0o755))
    do throws(SystemFilesError) {
      let path = places.configurations.appending(temporary)
      try fill(path, ciphers: ciphers, sharing: live, on: disk)
      try directory.synchronizeFileSystem()
      try parent.rename(temporary, to: places.configuration(number).lastComponent!)
    } catch {
      try? parent.removeTree(temporary)
      throw error
    }
    try parent.synchronize()
  }

  private func fill(
    _ path: FilePath, ciphers: [String: [UInt8]],
    sharing live: (number: Int, names: Set<String>)?, on disk: Disk
  ) throws(SystemFilesError) {
    let directory = try disk.directory(at: path)
    try directory.create("plan.json", text, mode: 0o600)
    try directory.create("deployment.json", Array(settings.text.utf8), mode: 0o600)
    let jobs = try directory.makeDirectory("jobs", FileAttributes(mode: 0o755))
    for job in plan.jobs {
      try jobs.create(
        FilePath.Component("\(job.name).json")!, Array(job.json().utf8), mode: 0o644)
    }
    let secrets = path.appending("secrets")
    _ = try directory.makeDirectory("secrets", FileAttributes(mode: 0o700))
    for secret in plan.secrets {
      let file = FilePath(secret.name + ".age")
      let name = file.lastComponent!
      let parent = try disk.directory(
        at: secrets.appending(file.removingLastComponent().components), making: true, mode: 0o700)
      if let live, live.names.contains(secret.name) {
        let old = StoredConfiguration.secret(secret.name, of: live.number, at: settings.places)
        try parent.link(
          name, in: try disk.directory(at: old.removingLastComponent()), as: name)
      } else {
        try parent.create(name, ciphers[secret.name] ?? [], mode: 0o600)
      }
    }
  }
}

extension DirectoryDescriptor {
  /// Makes a file that nothing has the name of.
  fileprivate func create(
    _ name: FilePath.Component, _ bytes: [UInt8], mode: UInt32
  ) throws(SystemFilesError) {
    let file = try OpenFile.creating(name, in: self)
    try file.write(bytes)
    try file.setAttributes(FileAttributes(mode: mode))
    try file.close()
  }
}
