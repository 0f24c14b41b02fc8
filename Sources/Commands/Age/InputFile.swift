import Age
import Glibc
import SystemFiles
import SystemPackage

/// What is encrypted or decrypted: a file, or standard input.
struct InputFile: ~Copyable {
  let descriptor: FileDescriptor
  /// nil for standard input.
  let name: String?

  /// Opens a file; nil and `-` are standard input.
  init(_ name: String?) throws(AgeFailure) {
    let name = name == "-" ? nil : name
    let descriptor = try name.map(Self.open) ?? .standardInput
    self.name = name
    self.descriptor = descriptor
  }

  private static func open(_ name: String) throws(AgeFailure) -> FileDescriptor {
    if (try? FileStatus(FilePath(name)))?.kind == .directory {
      throw AgeFailure("read \(name): is a directory")
    }
    do {
      return try FileDescriptor.open(
        FilePath(name), .readOnly,
        options: [.closeOnExec, FileDescriptor.OpenOptions(rawValue: O_NOCTTY)])
    } catch {
      throw AgeFailure(
        "failed to open input file \(name.quoted): open \(name): \("\(error)".lowercased())")
    }
  }

  deinit {
    if name != nil { try? descriptor.close() }
  }

  /// Where messages and checks find it.
  var path: FilePath { FilePath(name ?? "/dev/stdin") }

  /// How many bytes of a regular file are still to be read; nil if it is none.
  var remainingSize: Int? {
    var status = stat()
    let offset = lseek(descriptor.rawValue, 0, SEEK_CUR)
    guard unsafe fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      offset >= 0
    else { return nil }
    return max(0, Int(status.st_size) - offset)
  }

  /// Whether a person types it.
  var isTyped: Bool { name == nil && isatty(STDIN_FILENO) == 1 }

  /// Whether the file begins as one does that PowerShell redirected: with the line ends of Windows, or in UTF-16.
  var isMangled: Bool {
    let windows = Array("age-encryption.org/v1\r".utf8)
    let wide: [UInt8] = [0xff, 0xfe] + "age-encryp".utf8.flatMap { [$0, 0] as [UInt8] }
    var bytes = [UInt8](repeating: 0, count: 22)
    let count = unsafe pread(descriptor.rawValue, &bytes, bytes.count, 0)
    return count == bytes.count && (bytes == windows || bytes == wide)
  }

  /// Reads what is typed up to the line that ends an armored file, so that neither a question nor the clear text gets in
  /// the way.
  func readTyped() throws(AgeFailure) -> BytesSource {
    var bytes: [UInt8] = []
    let end = Array("-----END AGE ENCRYPTED FILE-----\n".utf8)
    do {
      while !bytes.reversed().starts(with: end.reversed()) {
        guard bytes.count <= Header.limit else {
          throw AgeFailure("read standard input: over \(Header.limit >> 20) MiB were typed")
        }
        let part = try unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
          count = unsafe try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        if part.isEmpty { break }
        bytes += part
      }
      return BytesSource(bytes)
    } catch let error as AgeFailure {
      throw error
    } catch {
      throw AgeFailure("read standard input: \("\(error)".lowercased())")
    }
  }
}
