internal import Plan
package import Units

/// How a configuration was applied; what its plan does not say, and going back to it needs.
package struct DeploymentSettings: Sendable, Equatable {
  package var places: Places
  package var boot: Boot

  package init(places: Places, boot: Boot) {
    self.places = places
    self.boot = boot
  }

  /// As JSON; the same settings give the same text.
  var text: String {
    JSON.object([
      ("version", .integer(Plan.version)),
      ("units", .string(places.units)), ("commands", .string(places.commands)),
      ("temporaryFiles", .string(places.temporaryFiles)), ("program", .string(places.program)),
      ("early", .boolean(boot.isEarly)), ("late", JSON.strings(boot.lateSecrets.sorted())),
      ("allowSwap", .boolean(boot.allowsSwap)),
    ]).text() + "\n"
  }

  /// Reads what `text` writes, for a machine whose configurations are at `places`.
  init(json bytes: [UInt8], at places: Places) throws(PlanError) {
    self = try ObjectReader.read(
      try JSON(parsing: bytes, limit: Disk.largestText), at: "deployment"
    ) { object throws(PlanError) in
      try object.requireVersion()
      var settings = DeploymentSettings(places: places, boot: Boot())
      settings.places.units = try object.string("units")
      settings.places.commands = try object.string("commands")
      settings.places.temporaryFiles = try object.string("temporaryFiles")
      settings.places.program = try object.string("program")
      settings.boot.isEarly = try object.boolean("early")
      settings.boot.lateSecrets = Set(try object.strings("late"))
      settings.boot.allowsSwap = try object.boolean("allowSwap")
      return settings
    }
  }
}
