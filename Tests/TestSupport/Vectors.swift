import CLibsodium
import CZlib
import Foundation

/// The package's root.
package let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// A case in the format of age's testkit: lines of `key: value`, an empty line, a file.
package struct Vector: Sendable, CustomStringConvertible {
  package let name: String
  private let fields: [(key: String, value: String)]
  /// The file, decompressed if it was compressed.
  package let file: [UInt8]

  package var description: String { name }

  /// Reads a case.
  package init(_ url: URL) throws {
    name = url.lastPathComponent
    let content = [UInt8](try Data(contentsOf: url))
    var rest = content[...]
    var fields: [(key: String, value: String)] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: rest[..<end], as: UTF8.self)
      rest = rest[(end + 1)...]
      if line.isEmpty { break }
      guard let colon = line.range(of: ": ") else {
        throw ProgramFailure(description: "\(url.path): a line of the head has no colon")
      }
      fields.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
    }
    self.fields = fields
    let isCompressed = fields.contains { $0 == ("compressed", "zlib") }
    file = isCompressed ? try inflate(Array(rest)) : Array(rest)
  }

  /// The values of a key, which may stand several times.
  package func all(_ key: String) -> [String] {
    fields.filter { $0.key == key }.map(\.value)
  }

  /// The first value of a key.
  package subscript(key: String) -> String? { all(key).first }

  /// The cases in a directory, by name; none if there is no such directory.
  package static func all(in directory: URL) throws -> [Vector] {
    guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(
      at: directory, includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }.map { try Vector($0) }
  }
}

/// Decompresses what zlib made.
private func inflate(_ compressed: [UInt8]) throws -> [UInt8] {
  var size = 1 << 20
  while size <= 1 << 28 {
    var output = [UInt8](repeating: 0, count: size)
    var count = uLongf(size)
    let status = unsafe uncompress(&output, &count, compressed, uLong(compressed.count))
    if status == Z_OK { return Array(output.prefix(Int(count))) }
    guard status == Z_BUF_ERROR else { break }
    size *= 4
  }
  throw ProgramFailure(description: "a vector's zlib stream is damaged")
}

/// The SHA-256 of bytes, in hexadecimal.
package func sha256(_ bytes: [UInt8]) -> String {
  var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
  unsafe crypto_hash_sha256(&hash, bytes, UInt64(bytes.count))
  return hash.map { String(format: "%02x", Int($0)) }.joined()
}
