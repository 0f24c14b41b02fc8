import CSystemCalls
import Glibc
package import SystemPackage

/// What a directory's content lives on, as far as secrets care.
package enum FileSystemKind: Sendable, Equatable {
  /// Memory that is never swapped.
  case ramfs
  /// Memory, which is swapped unless it is mounted with `noswap`.
  case tmpfs(noswap: Bool)
  /// Anything else, such as a disk.
  case other
}

/// What may be mounted for secrets.
package enum SecretsMount: Sendable, Equatable, CaseIterable {
  case ramfs
  case tmpfsWithoutSwap
  case tmpfs
}

extension DirectoryDescriptor {
  package func fileSystemKind() throws(SystemFilesError) -> FileSystemKind {
    var magic: UInt64 = 0
    try call("examine", path) { unsafe adage_file_system(raw, &magic) }
    switch magic {
    case 0x8584_58f6: return .ramfs
    case 0x0102_1994: return .tmpfs(noswap: try mountOptions().contains("noswap"))
    default: return .other
    }
  }

  /// Whether something is mounted here.
  package func isMountPoint() throws(SystemFilesError) -> Bool { try mount().isRoot }

  private func mount() throws(SystemFilesError) -> (id: UInt64, isRoot: Bool) {
    var id: UInt64 = 0
    var isRoot: Int32 = 0
    try call("examine", path) { unsafe adage_mount_of(raw, &id, &isRoot) }
    return (id, isRoot != 0)
  }

  /// The options of the file system that holds the directory, from `/proc/self/mountinfo`.
  private func mountOptions() throws(SystemFilesError) -> [Substring] {
    let id = try mount().id
    for line in try linesOfSystemFile("/proc/self/mountinfo") {
      let fields = line.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
      guard fields.first == String(id)[...] else { continue }
      // Optional fields end with a lone hyphen; then type, source and the file system's options.
      guard let hyphen = fields.firstIndex(of: "-"), hyphen + 3 < fields.count else { break }
      return fields[hyphen + 3].split(separator: ",")
    }
    throw SystemFilesError(
      .invalid, "examine", path, reason: "its mount is not in /proc/self/mountinfo")
  }

  /// Mounts memory over this directory (`nodev,nosuid,noexec`); open it again to see it.
  package func mount(_ kind: SecretsMount, mode: UInt32) throws(SystemFilesError) {
    let type = kind == .ramfs ? "ramfs" : "tmpfs"
    let options =
      "mode=0\(String(mode, radix: 8))" + (kind == .tmpfsWithoutSwap ? ",noswap" : "")
    let flags = UInt(MS_NODEV) | UInt(MS_NOSUID) | UInt(MS_NOEXEC)
    // Through the descriptor, so that it is this directory whatever its path leads to by now.
    let target = "/proc/self/fd/\(raw)"
    try call("mount \(type) on", path) {
      unsafe options.withCString { unsafe Glibc.mount("adage", target, type, flags, $0) }
    }
  }
}

/// Takes a mount away from a path; if `lazily`, even while somebody uses what is in it.
package func unmount(_ path: FilePath, lazily: Bool = false) throws(SystemFilesError) {
  let flags = Int32(UMOUNT_NOFOLLOW) | (lazily ? Int32(MNT_DETACH) : 0)
  try call("unmount", path) {
    unsafe path.withPlatformString { unsafe umount2($0, flags) }
  }
}

/// The lines of a file below /proc, which is small and has no size.
func linesOfSystemFile(_ path: FilePath) throws(SystemFilesError) -> [Substring] {
  let text = String(decoding: try readFile(path, limit: 16 << 20), as: UTF8.self)
  // By bytes: a carriage return, or a combining mark, makes one character with its neighbour.
  return text.utf8.split(separator: UInt8(ascii: "\n")).map { Substring($0) }
}

/// A field of a table below /proc, where a space is written `\040`.
func unescapingOctal(_ field: Substring) -> String {
  var bytes: [UInt8] = []
  var rest = Substring(field).utf8[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "\\"), rest.count >= 3,
      let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
    {
      bytes.append(value)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
