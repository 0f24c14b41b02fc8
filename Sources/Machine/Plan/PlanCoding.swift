extension Plan {
  /// The version of the format that is written, and the only one that is read.
  package static let version = 1

  /// The most bytes that a plan may have: 16 MiB.
  package static let largest = 16 << 20

  /// The plan as JSON, with every key and a line feed at its end; the same plan gives the same text.
  package func json() -> String {
    let plan = JSON.object([
      ("version", .integer(Plan.version)),
      ("identityPaths", .strings(identityPaths)),
      ("secretsDir", .string(secretsDirectory)),
      ("secretsMountPoint", .string(secretsMountPoint)),
      ("secrets", .array(secrets.sorted { $0.name < $1.name }.map(\.value))),
      ("units", .array(units.sorted { $0.name < $1.name }.map(\.value))),
      ("jobs", .array(jobs.sorted { $0.name < $1.name }.map(\.value))),
      ("files", .array(files.sorted { $0.path < $1.path }.map(\.value))),
      ("temporaryFiles", .strings(temporaryFiles)),
    ])
    return plan.text() + "\n"
  }

  /// Reads what `json` writes. Every key must be there and no other may be; whether the plan makes
  /// sense is for `problems` to say.
  package init(json bytes: [UInt8]) throws(PlanError) {
    self = try ObjectReader.read(try JSON(plan: bytes), at: "plan") { object throws(PlanError) in
      try object.requireVersion()
      var plan = Plan(
        identityPaths: try object.strings("identityPaths"),
        secretsDirectory: try object.string("secretsDir"),
        secretsMountPoint: try object.string("secretsMountPoint"),
        secrets: try object.objects("secrets") { (secret) throws(PlanError) in
          try PlannedSecret(&secret)
        })
      plan.units = try object.objects("units") { (unit) throws(PlanError) in
        try PlannedUnit(&unit)
      }
      plan.jobs = try object.objects("jobs") { (job) throws(PlanError) in try PlannedJob(&job) }
      plan.files = try object.objects("files") { (file) throws(PlanError) in
        try PlannedFile(&file)
      }
      plan.temporaryFiles = try object.strings("temporaryFiles")
      return plan
    }
  }
}

extension PlannedJob {
  /// The job alone, as its runner reads it; the same job gives the same text.
  package func json() -> String {
    let job = JSON.object([("version", .integer(Plan.version)), ("job", value)])
    return job.text() + "\n"
  }

  /// Reads what `json` writes.
  package init(json bytes: [UInt8]) throws(PlanError) {
    self = try ObjectReader.read(try JSON(plan: bytes), at: "job") { object throws(PlanError) in
      try object.requireVersion()
      return try object.object("job") { (job) throws(PlanError) in try PlannedJob(&job) }
    }
  }
}

extension ObjectReader {
  /// First of all, because another version may have other keys.
  package mutating func requireVersion() throws(PlanError) {
    let version = try integer("version")
    guard version == Plan.version else {
      throw PlanError(
        .version, "\(place): version \(version) is not known, only version \(Plan.version)")
    }
  }
}

extension JSON {
  fileprivate init(plan bytes: [UInt8]) throws(PlanError) {
    guard bytes.count <= Plan.largest else {
      throw PlanError(.limit, "a plan is larger than \(Plan.largest) bytes")
    }
    self = try JSONParser.parse(bytes)
  }
}
