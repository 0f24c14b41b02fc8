/// The parts of a plan as JSON.
extension PlannedSecret {
  var value: JSON {
    .object([
      ("name", .string(name)), ("file", .string(file)), ("path", .string(path)),
      ("mode", .string(mode)), ("owner", .string(owner)), ("group", .string(group)),
      ("symlink", .boolean(symlink)),
    ])
  }

  init(_ object: inout ObjectReader) throws(PlanError) {
    name = try object.string("name")
    file = try object.string("file")
    path = try object.string("path")
    mode = try object.string("mode")
    owner = try object.string("owner")
    group = try object.string("group")
    symlink = try object.boolean("symlink")
  }
}

extension PlannedFile {
  var value: JSON {
    .object([
      ("path", .string(path)), ("executable", .boolean(isExecutable)), ("text", .string(text)),
    ])
  }

  init(_ object: inout ObjectReader) throws(PlanError) {
    path = try object.string("path")
    isExecutable = try object.boolean("executable")
    text = try object.string("text")
  }
}

extension PlannedUnit {
  var value: JSON {
    .object([
      ("name", .string(name)), ("enable", .boolean(isEnabled)), ("dropIn", .boolean(isDropIn)),
      ("sections", .array(sections.map(\.value))), ("aliases", .strings(aliases)),
      ("wantedBy", .strings(wantedBy)), ("requiredBy", .strings(requiredBy)),
      ("upheldBy", .strings(upheldBy)), ("whenChanged", .string(whenChanged.rawValue)),
    ])
  }

  init(_ object: inout ObjectReader) throws(PlanError) {
    name = try object.string("name")
    isEnabled = try object.boolean("enable")
    isDropIn = try object.boolean("dropIn")
    sections = try object.objects("sections") { (section) throws(PlanError) in
      try UnitSection(&section)
    }
    aliases = try object.strings("aliases")
    wantedBy = try object.strings("wantedBy")
    requiredBy = try object.strings("requiredBy")
    upheldBy = try object.strings("upheldBy")
    whenChanged = try object.choice("whenChanged")
  }
}

extension UnitSection {
  fileprivate var value: JSON {
    .object([
      ("name", .string(name)), ("settings", .strings(settings.map { "\($0.key)=\($0.value)" })),
    ])
  }

  fileprivate init(_ object: inout ObjectReader) throws(PlanError) {
    name = try object.string("name")
    settings = try object.strings("settings").map { line in
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return UnitSetting(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
  }
}

extension PlannedJob {
  var value: JSON {
    .object([
      ("name", .string(name)), ("user", .string(user)), ("dynamicUser", .boolean(isDynamic)),
      ("group", .optional(group)), ("supplementaryGroups", .strings(supplementaryGroups)),
      ("restic", .string(restic)),
      (
        "environment",
        .object(environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
      ),
      ("environmentFiles", .strings(environmentFiles)), ("source", source.value),
      ("backupArguments", .strings(backupArguments)), ("options", .strings(options)),
      ("initialize", .boolean(initialize)), ("pruneOptions", .strings(pruneOptions)),
      ("checkOptions", checkOptions.map(JSON.strings) ?? .null),
      ("prepareCommand", .optional(prepareCommand)),
      ("cleanupCommand", .optional(cleanupCommand)),
      ("inhibitsSleep", .boolean(inhibitsSleep)), ("strictPaths", .boolean(strictPaths)),
      ("maximumAge", maximumAge.map(JSON.integer) ?? .null), ("wrapper", .boolean(hasWrapper)),
      ("hardened", .boolean(isHardened)), ("credentials", .boolean(usesCredentials)),
      ("notices", notices.value),
    ])
  }

  init(_ object: inout ObjectReader) throws(PlanError) {
    self.init(name: try object.string("name"), restic: try object.string("restic"))
    user = try object.string("user")
    isDynamic = try object.boolean("dynamicUser")
    group = try object.optionalString("group")
    supplementaryGroups = try object.strings("supplementaryGroups")
    environment = try object.texts("environment")
    environmentFiles = try object.strings("environmentFiles")
    source = try object.object("source") { (source) throws(PlanError) in try Source(&source) }
    backupArguments = try object.strings("backupArguments")
    options = try object.strings("options")
    initialize = try object.boolean("initialize")
    pruneOptions = try object.strings("pruneOptions")
    checkOptions = try object.optionalStrings("checkOptions")
    prepareCommand = try object.optionalString("prepareCommand")
    cleanupCommand = try object.optionalString("cleanupCommand")
    inhibitsSleep = try object.boolean("inhibitsSleep")
    strictPaths = try object.boolean("strictPaths")
    maximumAge = try object.optionalInteger("maximumAge")
    hasWrapper = try object.boolean("wrapper")
    isHardened = try object.boolean("hardened")
    usesCredentials = try object.boolean("credentials")
    notices = try object.object("notices") { (notices) throws(PlanError) in try Notices(&notices) }
  }
}

extension PlannedJob.Source {
  fileprivate var value: JSON {
    .object([
      ("paths", .strings(paths)), ("dynamicPaths", .optional(dynamicPaths)),
      ("exclude", .strings(exclude)), ("command", .strings(command)),
    ])
  }

  fileprivate init(_ object: inout ObjectReader) throws(PlanError) {
    paths = try object.strings("paths")
    dynamicPaths = try object.optionalString("dynamicPaths")
    exclude = try object.strings("exclude")
    command = try object.strings("command")
  }
}

extension PlannedJob.Notices {
  fileprivate var value: JSON {
    .object([
      ("desktop", desktop.map(JSON.strings) ?? .null), ("command", .optional(command)),
      ("url", .optional(url)), ("urlFile", .optional(urlFile)),
    ])
  }

  fileprivate init(_ object: inout ObjectReader) throws(PlanError) {
    desktop = try object.optionalStrings("desktop")
    command = try object.optionalString("command")
    url = try object.optionalString("url")
    urlFile = try object.optionalString("urlFile")
  }
}

extension JSON {
  package static func strings(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
  package static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
}
