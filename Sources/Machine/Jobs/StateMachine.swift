internal import Plan
internal import Programs
internal import SystemFiles
internal import SystemPackage

/// The configuration of a machine that is live, and its secrets.
package struct MachineStatus: Sendable {
  /// A configuration that was applied.
  package struct Configuration: Sendable, Equatable {
    /// Its number; nil if the live one is no numbered directory.
    package let number: Int?
    package let since: Int
  }

  package struct Secret: Sendable, Equatable {
    package let name: String
    package let path: String
    /// When its cipher text changed; nil if that is not there.
    package let changed: Int?
    /// Whether it is where programs look for it.
    package let isPresent: Bool
  }

  /// nil if none is live.
  package let configuration: Configuration?
  /// nil if this process may not read them.
  package private(set) var secrets: [Secret]?
  /// What is wrong with the configuration or its activation, a line each.
  package private(set) var problems: [String] = []

  package init(_ places: StatePlaces) {
    configuration = Self.configuration(places.current)
    guard configuration != nil else { return }
    let plan: Plan
    do throws(SystemFilesError) {
      let bytes = try readFile(places.current.appending("plan.json"), limit: Plan.largest)
      do {
        plan = try Plan(json: bytes)
      } catch {
        problems.append("read the configuration's plan: \(error)")
        return
      }
    } catch {
      // Only root may.
      if error.code != .notPermitted { problems.append("\(error)") }
      return
    }
    secrets = plan.secrets.sorted { $0.name < $1.name }.map { secret in
      Secret(
        name: secret.name, path: secret.path,
        changed: (try? FileStatus(FilePath(secret.file)))?.changeTime,
        isPresent: (try? FileStatus(FilePath(secret.path)))?.kind == .regular)
    }
  }

  private static func configuration(_ current: FilePath) -> Configuration? {
    guard let name = current.lastComponent,
      let directory = try? DirectoryDescriptor(opening: current.removingLastComponent()),
      let link = try? directory.status(of: name), (try? FileStatus(current)) != nil
    else { return nil }
    let target = (try? directory.linkTarget(of: name)) ?? nil
    return Configuration(
      number: target?.lastComponent.flatMap { Int($0.string) }, since: link.changeTime)
  }

  /// Asks systemd whether activation failed.
  package mutating func askSystem() async {
    let services = ["adage-activate.service", "adage-activate-late.service"]
    guard let facts = await UnitFacts.of(services) else { return }
    for service in services {
      guard let unit = facts[service], unit.isLoaded, unit.isFailed else { continue }
      let when = unit.time("StateChangeTimestamp").map { " at \(Time.text($0))" } ?? ""
      problems.append("activation failed\(when); see `systemctl status \(service)`")
    }
  }

  var members: [(key: String, value: JSON)] {
    [
      (
        "configuration",
        configuration.map { configuration in
          .object([
            ("number", JSON(configuration.number)), ("since", .integer(configuration.since)),
          ])
        } ?? .null
      ),
      (
        "secrets",
        secrets.map { secrets in
          .array(
            secrets.map { secret in
              .object([
                ("name", .string(secret.name)), ("path", .string(secret.path)),
                ("changed", JSON(secret.changed)), ("present", .boolean(secret.isPresent)),
              ])
            })
        } ?? .null
      ), ("problems", .array(problems.map(JSON.string))),
    ]
  }
}

extension FileStatus {
  /// Seconds since 1970 of the last change of the content.
  fileprivate var changeTime: Int { Int(modified / 1_000_000_000) }
}
