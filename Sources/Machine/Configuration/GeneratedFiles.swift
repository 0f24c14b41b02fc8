import CLibsodium
internal import NixExpression
internal import SystemFiles

/// The files that a configuration makes with `pkgs.writeText` and its kind, by their paths.
///
/// A file's path has a hash of what the file is, so that a unit changes when a file that it names does.
final class GeneratedFiles {
  /// What a configuration asks to be written.
  struct Request {
    let name: String
    let text: [UInt8]
    let isExecutable: Bool
    /// Below a directory of the file's own, such as `/bin/NAME`; empty if the file stands alone.
    let destination: String
  }

  /// Below which all files are.
  let directory: String
  private let references: PackageReferences
  /// The text and whether it may be run, for each path.
  private(set) var files: [String: (text: [UInt8], isExecutable: Bool)] = [:]

  init(directory: String, references: PackageReferences) {
    self.directory = directory
    self.references = references
  }

  /// The path of the file, or of the directory that its destination is in.
  func add(_ request: Request) throws(NixError) -> String {
    guard isName(request.name) else {
      throw NixError(.argument, "\"\(printable(request.name))\" is no name for a file")
    }
    guard request.destination.isEmpty || isDestination(request.destination) else {
      throw NixError(
        .argument, "\"\(printable(request.destination))\" is no place for the file \(request.name)")
    }
    let text = try references.resolve(request.text)
    let kind = "\(request.isExecutable ? "x" : "-") \(request.destination)\0"
    let path = "\(directory)/\(hash(Array(kind.utf8) + text))-\(request.name)"
    files[path + request.destination] = (text, request.isExecutable)
    return path
  }

  private func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".")
      && name.utf8.allSatisfy { PackageReferences.isNameByte($0) || "?=".utf8.contains($0) }
  }

  private func isDestination(_ destination: String) -> Bool {
    let parts = destination.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count > 1 && parts[0].isEmpty
      && parts.dropFirst().allSatisfy { isName(String($0)) }
  }

  /// 32 hexadecimal digits of SHA-256.
  private func hash(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    unsafe crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
    return digest.prefix(16).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
