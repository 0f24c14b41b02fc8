import SystemFiles
import SystemPackage

/// This program, as a unit names it.
struct InstalledProgram {
  let path: String
  /// Why it should not be named in a unit; nil if nothing speaks against it.
  let flaw: String?

  /// The running executable, by the name that stays when it is replaced by a newer one.
  static func current() throws -> InstalledProgram {
    let running = try FileStatus("/proc/self/exe")
    for path in ["/usr/local/bin/adage", "/usr/bin/adage", "/usr/local/sbin/adage"] {
      if let found = try? FileStatus(FilePath(path)), found.isSameFile(as: running) {
        return InstalledProgram(path: path, flaw: flaw(of: FilePath(path)))
      }
    }
    guard let path = try DirectoryDescriptor(opening: "/proc/self").linkTarget(of: "exe"),
      path.isAbsolute
    else {
      throw CommandFailure("find this program: /proc/self/exe leads nowhere")
    }
    return InstalledProgram(path: path.string, flaw: flaw(of: path))
  }

  /// Whether somebody else could put another program in its place, or it is where nothing stays.
  private static func flaw(of path: FilePath) -> String? {
    var part = path
    while true {
      guard let status = try? FileStatus(part), !status.isForeign(to: 0) else {
        return "which others than root can replace"
      }
      if part == "/" { break }
      part.removeLastComponent()
    }
    let transient = path.components.contains { $0 == ".build" || $0 == "build" }
    let roots = ["/tmp", "/var/tmp", "/run", "/home", "/root", "/dev"]
    let isTransient = transient || roots.contains { path.starts(with: FilePath($0)) }
    return isTransient ? "which may not stay there" : nil
  }
}
