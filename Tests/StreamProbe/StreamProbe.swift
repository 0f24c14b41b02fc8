import Age
import Glibc
import SecretMemory
import SystemPackage

/// Encrypts so many MiB of zeroes to a file, or decrypts the file, and prints the most memory that was ever resident.
///
/// Usage: stream-probe FILE MEBIBYTES [armor]. Each is a process of its own, as is the other way: without MEBIBYTES the
/// file is decrypted.
@main struct StreamProbe {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let password = Array("a password".utf8)
    let file = FilePath(arguments.first ?? "")
    if let size = arguments.dropFirst().first.flatMap({ Int($0) }) {
      let output = try FileDescriptor.open(
        file, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
      var source = Zeroes(rest: size << 20)
      var sink = DescriptorSink(output)
      try encrypt(
        from: &source, to: &sink,
        recipients: [ScryptRecipient(password: SecretBytes(copying: password), workFactor: 1)],
        armor: arguments.last == "armor")
    } else {
      var source = DescriptorSource(try FileDescriptor.open(file, .readOnly))
      var sink = Counter()
      try decrypt(
        from: &source, to: &sink,
        identities: [ScryptIdentity(password: SecretBytes(copying: password))])
      print("bytes \(sink.count)")
    }
    print("kibibytes \(try mostMemory())")
  }

  /// What the kernel says; `getrusage` would say what the process had before it became this program.
  private static func mostMemory() throws -> Int {
    let status = try FileDescriptor.open(FilePath("/proc/self/status"), .readOnly)
    var text = [UInt8](repeating: 0, count: 8192)
    let count = try unsafe text.withUnsafeMutableBytes { unsafe try status.read(into: $0) }
    let line = text[..<count].split(separator: UInt8(ascii: "\n")).first {
      $0.starts(with: "VmHWM:".utf8)
    }
    let digits = (line ?? []).filter { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    return Int(String(decoding: digits, as: UTF8.self)) ?? .max
  }
}

private struct Zeroes: ByteSource {
  var rest: Int

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let count = min(rest, buffer.count)
    unsafe buffer[..<count].initializeMemory(as: UInt8.self, repeating: 0)
    rest -= count
    return count
  }
}

private struct Counter: ByteSink {
  var count = 0

  mutating func write(_ bytes: Span<UInt8>) throws(AgeError) { count += bytes.count }
}
