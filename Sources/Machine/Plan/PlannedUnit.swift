/// A systemd unit as the configuration describes it.
package struct PlannedUnit: Sendable, Equatable {
  /// The full name, such as `restic-backups-daily.service`.
  package var name: String
  /// Whether it may be started; if not, it is masked.
  package var isEnabled: Bool
  /// Whether it is added to a packaged unit of its name, not put in its place.
  package var isDropIn: Bool
  /// In the order in which they are written.
  package var sections: [UnitSection]
  /// Other names of the unit.
  package var aliases: [String]
  /// Units that want, require and uphold this one.
  package var wantedBy: [String]
  package var requiredBy: [String]
  package var upheldBy: [String]
  package var whenChanged: UnitChange

  package init(
    name: String, isEnabled: Bool = true, isDropIn: Bool = false, sections: [UnitSection],
    aliases: [String] = [], wantedBy: [String] = [], requiredBy: [String] = [],
    upheldBy: [String] = [], whenChanged: UnitChange = .stopAndStart
  ) {
    self.name = name
    self.isEnabled = isEnabled
    self.isDropIn = isDropIn
    self.sections = sections
    self.aliases = aliases
    self.wantedBy = wantedBy
    self.requiredBy = requiredBy
    self.upheldBy = upheldBy
    self.whenChanged = whenChanged
  }

  /// The values of a setting, as they are written.
  package func values(of key: String, in section: String) -> [String] {
    sections.filter { $0.name == section }.flatMap(\.settings)
      .filter { $0.key == key }.map(\.value)
  }
}

/// A section of a unit file and its lines, of which several may have one key.
package struct UnitSection: Sendable, Equatable {
  package var name: String
  package var settings: [UnitSetting]

  package init(_ name: String, _ settings: [UnitSetting]) {
    self.name = name
    self.settings = settings
  }
}

/// A line `key=value` of a unit file.
package struct UnitSetting: Sendable, Equatable {
  package var key: String
  /// As it is written: systemd splits it and expands its specifiers.
  package var value: String

  package init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}

/// What is done with an active unit that changed.
package enum UnitChange: String, Sendable {
  /// It is stopped as the old unit says, and started as the new one does.
  case stopAndStart = "stop and start"
  case restart
  case reload
  case keep
}
