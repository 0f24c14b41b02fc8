internal import Plan
internal import SystemFiles
internal import SystemPackage
internal import Units

/// What was written outside of `/etc/adage`, and the scripts in it: only that is ever replaced or removed, and only if
/// it is still as it was written.
struct DeploymentRecord: Equatable {
  /// What is there. More than one for a path if it is not known which.
  var artifacts: [Artifact] = []
  /// What is about to be there; nil unless a change is under way, or was cut short.
  var next: [Artifact]?
  /// Units that the change starts, some of which it has stopped before.
  var starting: [String] = []
  /// Units that are to read their secrets again.
  var rereading: [String] = []

  /// Every content that a path may have from us.
  var contents: [String: [Artifact.Content]] {
    Dictionary(grouping: artifacts + (next ?? []), by: \.path).mapValues { $0.map(\.content) }
  }
}

extension DeploymentRecord {
  /// The record as JSON; the same record gives the same text.
  var text: String {
    JSON.object([
      ("version", .integer(Plan.version)),
      ("artifacts", .array(artifacts.map(\.value))),
      ("next", next.map { .array($0.map(\.value)) } ?? .null),
      ("starting", .strings(starting)), ("rereading", .strings(rereading)),
    ]).text() + "\n"
  }

  /// Reads what `text` writes.
  init(json bytes: [UInt8]) throws(PlanError) {
    self = try ObjectReader.read(
      try JSON(parsing: bytes, limit: Disk.largestText), at: "record"
    ) { object throws(PlanError) in
      try object.requireVersion()
      var record = DeploymentRecord()
      record.artifacts = try object.objects("artifacts") { (artifact) throws(PlanError) in
        try Artifact(&artifact)
      }
      record.next = try object.optionalObjects("next") { (artifact) throws(PlanError) in
        try Artifact(&artifact)
      }
      record.starting = try object.strings("starting")
      record.rereading = try object.strings("rereading")
      return record
    }
  }
}

extension Artifact {
  fileprivate var value: JSON {
    switch content {
    case .link(let target): .object([("path", .string(path)), ("link", .string(target))])
    case .file(let text, let mode):
      .object([
        ("path", .string(path)), ("link", .null), ("mode", .integer(Int(mode))),
        ("text", .string(text)),
      ])
    }
  }

  fileprivate init(_ object: inout ObjectReader) throws(PlanError) {
    let path = try object.string("path")
    guard FilePath(path).isAbsolute, FilePath(path).lastComponent?.kind == .regular else {
      throw PlanError(.path, "record: a path is not absolute")
    }
    if let target = try object.optionalString("link") {
      self.init(path: path, .link(to: target))
      return
    }
    let mode = UInt32(truncatingIfNeeded: try object.integer("mode")) & 0o7777
    self.init(path: path, .file(text: try object.string("text"), mode: mode))
  }
}
