internal import NixExpression
internal import NixLibrary
package import SystemPackage

extension Evaluation {
  /// Puts a configuration together; nil for the options alone.
  package static func read(
    _ file: FilePath?, machine: any Machine, rules: Configuration.Rules = Configuration.Rules(),
    onTrace: @escaping (String) -> Void = { _ in }
  ) throws(ConfigurationError) -> Evaluation {
    let world = try ConfigurationWorld(
      for: file ?? "/", machine: machine, rules: rules, onTrace: onTrace)
    return try world.explaining { () throws(NixError) in
      let evaluation = try Evaluation(
        of: file == nil ? nil : world.file, in: world, machine: machine, isPlanned: false)
      try evaluation.check()
      return evaluation
    }
  }

  /// What a configuration says of itself beside its values.
  package struct Remarks: Sendable {
    package let failedAssertions: [String]
    package let warnings: [String]
    /// The paths of the options that nothing here applies, sorted.
    package let notApplied: [String]
  }

  package func remarks() throws(ConfigurationError) -> Remarks {
    try explaining { () throws(NixError) in
      Remarks(
        failedAssertions: try failedAssertions(), warnings: try warnings(),
        notApplied: try notApplied())
    }
  }

  /// The values of all options as JSON, with what the configuration says of itself as `failedAssertions`,
  /// `warnings` and `notApplied`; or the value at a path.
  package func json(at path: AttributePath?) throws(ConfigurationError) -> [UInt8] {
    try explaining { () throws(NixError) in
      if let path {
        return try json(try evaluator.select(try value("values"), path.names))
      }
      let list = { [evaluator] (texts: [String]) in
        evaluator.makeList(texts.map { evaluator.makeString($0) })
      }
      var members = try evaluator.attributes(try value("values")).map { ($0.name, $0.value) }
      members.append(("failedAssertions", list(try failedAssertions())))
      members.append(("notApplied", list(try notApplied())))
      return try json(evaluator.makeAttributes(members))
    }
  }

  // MARK: One option

  /// What there is to say of one option.
  package struct Option: Sendable {
    package let name: String
    package let type: String
    package let description: String
    package let isReadOnly: Bool
    package let defaultValue: String?
    package let example: String?
    /// As JSON.
    package let value: String?
    /// Where the option is set.
    package let places: [String]
  }

  /// What a name stands for.
  package enum Answer: Sendable {
    case option(Option)
    /// A set of options: their names and types.
    case options([(name: String, type: String)])
    /// There is no option of the name; these are near it.
    case none(near: [String])
  }

  package func option(_ path: AttributePath) throws(ConfigurationError) -> Answer {
    try explaining { () throws(NixError) in
      let found = try evaluator.apply(
        try evaluator.select(try describer(), ["find"]),
        to: evaluator.makeList(path.names.map { evaluator.makeString($0) }))
      if let option = try evaluator.attribute("option", of: found) {
        return .option(try self.option(option))
      }
      if let children = try evaluator.attribute("children", of: found) {
        return .options(
          try evaluator.list(children).map { child throws(NixError) in
            (
              try evaluator.string(try evaluator.select(child, ["name"])),
              try evaluator.string(try evaluator.select(child, ["type"]))
            )
          })
      }
      return .none(near: try strings(try evaluator.select(found, ["near"])))
    }
  }

  /// All options that a configuration may set, without their values.
  package func allOptions() throws(ConfigurationError) -> [Option] {
    try explaining { () throws(NixError) in
      try evaluator.list(try evaluator.select(try describer(), ["all"]))
        .map { option throws(NixError) in try documented(option) }
    }
  }

  private func describer() throws(NixError) -> Value {
    try evaluator.apply(
      try evaluator.evaluate(file: "\(NixLibrary.modules)/option.nix"),
      to: evaluator.makeAttributes([
        ("lib", try evaluator.evaluate(file: "\(NixLibrary.directory)/lib")),
        ("options", try value("options")),
      ]))
  }

  private func option(_ set: Value) throws(NixError) -> Option {
    let first = { [evaluator] (name: String) throws(NixError) -> Value? in
      try evaluator.list(try evaluator.select(set, [name])).first
    }
    let definitions = try evaluator.list(try evaluator.select(set, ["definitions"]))
    return Option(
      name: try field("name", of: set), type: try field("type", of: set),
      description: try field("description", of: set),
      isReadOnly: try evaluator.bool(try evaluator.select(set, ["readOnly"])),
      defaultValue: try first("default").map { value throws(NixError) in try string(value) },
      example: try first("example").map { value throws(NixError) in try string(value) },
      value: try first("value").map { value throws(NixError) in
        String(decoding: try json(value), as: UTF8.self)
      },
      places: try definitions.map { definition throws(NixError) in
        try field("place", of: definition)
      })
  }

  private func documented(_ set: Value) throws(NixError) -> Option {
    let optional = { [evaluator] (name: String) throws(NixError) -> String? in
      guard let value = try evaluator.attribute(name, of: set) else { return nil }
      return try evaluator.string(value)
    }
    return Option(
      name: try field("name", of: set), type: try field("type", of: set),
      description: try field("description", of: set),
      isReadOnly: try evaluator.bool(try evaluator.select(set, ["readOnly"])),
      defaultValue: try optional("default"), example: try optional("example"), value: nil,
      places: [])
  }

  private func field(_ name: String, of set: Value) throws(NixError) -> String {
    try evaluator.string(try evaluator.select(set, [name]))
  }
}
