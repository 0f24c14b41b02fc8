import Age
import Glibc

/// Where plugins are looked for: absolute directories, in order.
package struct PluginDirectories: Sendable {
  private let path: String

  /// The directories of a search path; entries that are empty or relative are passed over, since
  /// they would let the directory that one happens to be in decide what is run.
  package init(path: String) {
    self.path = path
  }

  /// They are split only when a plugin is looked for, which few runs do.
  package var paths: [Substring] {
    path.split(separator: ":").filter { $0.hasPrefix("/") }
  }

  /// The directories of an environment: `$ADAGE_PLUGIN_PATH` where it is set, which root ignores,
  /// else `$PATH`.
  package init(environment: (String) -> String?, isRoot: Bool) {
    let own = isRoot ? nil : environment("ADAGE_PLUGIN_PATH")
    self.init(path: own ?? environment("PATH") ?? "")
  }

  /// No directory, so that no plugin is ever found.
  package static let none = PluginDirectories(path: "")

  /// The path of a plugin's program.
  ///
  /// - Throws: `AgeError` with the code `.plugin` that says where it was looked for.
  func program(of name: PluginName) throws(AgeError) -> String {
    let paths = paths
    if let path = paths.lazy.map({ "\($0)/\(name.program)" }).first(where: Self.isProgram) {
      return path
    }
    let places =
      paths.isEmpty
      ? "there is no directory to look in" : "it is not in \(paths.joined(separator: ", "))"
    throw AgeError(
      .plugin, "find \(name.program): \(places)",
      hint: "install \(name.program) in a directory of $PATH")
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }
}
