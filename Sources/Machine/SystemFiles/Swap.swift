import Glibc
internal import SystemPackage

/// Where memory goes when it is short.
package enum Swap: Sendable, Equatable {
  case none
  /// Swap is active, but only in memory (zram) or encrypted (dm-crypt).
  case safe
  /// Clear text could reach this device or file.
  case exposed(String)

  /// Reads `/proc/swaps`, and `/sys` for what is behind a device.
  package static func current() throws(SystemFilesError) -> Swap {
    try parse(linesOfSystemFile("/proc/swaps"), isSafe: BlockDevices().areSafe(behindSwap:))
  }

  static func parse(_ lines: [Substring], isSafe: (String) -> Bool) -> Swap {
    let names = lines.dropFirst().compactMap { line in
      line.utf8.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
        .first.map { unescapingOctal(Substring($0)) }
    }
    if names.isEmpty { return .none }
    return names.first { !isSafe($0) }.map(Swap.exposed) ?? .safe
  }
}

/// The kernel's block devices, as `/sys` shows them.
struct BlockDevices {
  /// Where `/sys` is.
  var root: FilePath = "/sys"

  /// Devices on devices on devices: more than anybody stacks.
  private static let mostLayers = 16

  /// Whether what is swapped to a device or a file goes to memory or is encrypted.
  func areSafe(behindSwap path: String) -> Bool {
    guard let status = try? FileStatus(FilePath(path)) else { return false }
    if status.kind == .regular { return areSafe(behindFileSystem: status.device) }
    // A device-mapper name links to /dev/dm-N.
    return realName(of: FilePath(path)).map { areSafe(behind: $0) } ?? false
  }

  /// The same of what is on a file system, by its device number.
  func areSafe(behindFileSystem device: UInt64) -> Bool {
    // As the C library packs them (makedev(3)).
    let major = device >> 8 & 0xfff | device >> 32 & 0xffff_f000
    let minor = device & 0xff | device >> 12 & 0xffff_ff00
    let number = "\(major):\(minor)"
    return realName(of: root.appending("dev/block").appending(number))
      .map { areSafe(behind: $0) } ?? false
  }

  /// The same of a device by the kernel's name for it: it is memory or encrypted, or everything
  /// below it is, as with a logical volume on an encrypted disk.
  func areSafe(behind name: FilePath.Component, layers: Int = mostLayers) -> Bool {
    if name.string.hasPrefix("zram") { return true }
    let device = root.appending("class/block").appending(name)
    let uuid = try? readFile(device.appending("dm/uuid"), limit: 4096)
    if let uuid, uuid.starts(with: Array("CRYPT-".utf8)) { return true }
    guard layers > 0, let slaves = try? DirectoryDescriptor(opening: device.appending("slaves")),
      let below = try? slaves.entries(), !below.isEmpty
    else { return false }
    return below.allSatisfy { areSafe(behind: $0, layers: layers - 1) }
  }

  /// The last component of a path when all links are followed.
  private func realName(of path: FilePath) -> FilePath.Component? {
    guard let real = unsafe path.withPlatformString({ unsafe realpath($0, nil) }) else {
      return nil
    }
    defer { unsafe free(real) }
    return unsafe FilePath(platformString: real).lastComponent
  }
}
