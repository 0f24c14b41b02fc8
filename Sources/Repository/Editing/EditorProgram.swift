import Glibc
import SystemFiles
package import SystemPackage

/// The program that a person edits with, and the arguments that keep it from leaking.
///
/// vim and neovim copy what is yanked into a file in the home directory, and keep swap, undo and
/// backup files; they are started with all of it off, after the person's own configuration was read.
package struct EditorProgram: Equatable, Sendable {
  /// The program's name or path, then its arguments.
  package let words: [String]

  /// The editor of an environment: `$EDITOR`, else `$VISUAL`, else `vi`.
  ///
  /// The value is split at blanks, as a shell splits it where it is not quoted.
  package init(environment: (String) -> String?) {
    let value = ["EDITOR", "VISUAL"].lazy.compactMap(environment).first {
      !$0.allSatisfy(\.isBlank)
    }
    words = (value ?? "vi").split(whereSeparator: \.isBlank).map(String.init)
  }

  /// Whether this is `:`, which changes nothing: the secret is encrypted anew as it is.
  package var changesNothing: Bool { words == [":"] }

  /// The arguments to edit `file`.
  ///
  /// - Parameter program: the program's real path, links followed; its name tells which editor it
  ///   is, since `vi` may be any of several.
  func arguments(editing file: FilePath, program: FilePath) -> [String] {
    // Snap's editors are all links to one program, which goes by the name it was called.
    let resolved = program.lastComponent?.string ?? ""
    let name = resolved == "snap" ? FilePath(words[0]).lastComponent?.string ?? "" : resolved
    return words.dropFirst() + Self.guarding(name) + [file.string]
  }

  /// The arguments that keep an editor from writing elsewhere than into the file.
  static func guarding(_ name: String) -> [String] {
    let kept = "noswapfile nobackup nowritebackup noundofile"
    if name.hasPrefix("nvim") { return ["-n", "-i", "NONE", "-c", "set \(kept) shada="] }
    // Debian's tiny vim has no viminfo to set, hence the silence.
    if name.hasPrefix("vim") || name == "gvim" || name == "view" {
      // -f keeps a window of its own from leaving this program before it is closed.
      return ["-n", "-i", "NONE", "-f", "-c", "silent! set \(kept) viminfo="]
    }
    return []
  }
}

extension Character {
  fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\n" }
}

/// The real path of a program, as a shell finds it: by its path if there is a slash in it, else in
/// the directories of `PATH`.
///
/// - Returns: nil if there is no such program that may be run.
package func findProgram(_ name: String, searchPath: String) -> FilePath? {
  let candidates =
    name.contains("/")
    ? [name] : searchPath.split(separator: ":").map { "\($0)/\(name)" }
  for candidate in candidates where unsafe candidate.contains("/") && access(candidate, X_OK) == 0 {
    guard let status = try? FileStatus(FilePath(candidate)), status.kind == .regular,
      let resolved = unsafe realpath(candidate, nil)
    else { continue }
    defer { unsafe free(resolved) }
    return unsafe FilePath(platformString: resolved)
  }
  return nil
}
