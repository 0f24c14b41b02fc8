import CSystemCalls
import Glibc
package import SecretMemory
internal import Subprocess
internal import SystemPackage

extension Program {
  /// How a program ended, and what it wrote, in guarded memory.
  package struct SecretOutput: ~Copyable, Sendable {
    package let ending: Ending
    /// Standard output.
    package let bytes: SecretBytes
    /// Standard error.
    package let errors: SecretBytes
  }

  /// The most bytes of input: what a pipe takes without a reader.
  private static let largestInput = 4096

  /// Runs the program to its end and keeps what it is given and what it writes in guarded memory.
  ///
  /// - Parameters:
  ///   - input: its standard input, at most 4,096 bytes.
  ///   - limit: the most bytes that either of its outputs may have.
  /// - Throws: `ProgramError` if it cannot be started or writes more than that.
  package func secretOutput(
    input: borrowing SecretBytes? = nil, limit: Int = 1 << 20
  ) async throws(ProgramError) -> SecretOutput {
    do {
      let given = try Pipe()
      let output = try Pipe()
      let errors = try Pipe()
      switch input {
      case .some(let input): try given.write(input, limit: Self.largestInput)
      case .none: break
      }
      try given.writeEnd.close()
      var streams: Streams?
      let result = try await Subprocess.run(
        configuration,
        input: .fileDescriptor(given.readEnd, closeAfterSpawningProcess: true),
        output: .fileDescriptor(output.writeEnd, closeAfterSpawningProcess: true),
        error: .fileDescriptor(errors.writeEnd, closeAfterSpawningProcess: true)
      ) { _ in
        defer {
          try? output.readEnd.close()
          try? errors.readEnd.close()
        }
        streams = try Streams(reading: [output.readEnd, errors.readEnd], limit: limit)
      }
      return streams.take()!.finish(Ending(result.terminationStatus))
    } catch {
      throw ProgramError(name, error)
    }
  }

  private struct Pipe {
    let readEnd: FileDescriptor
    let writeEnd: FileDescriptor

    init() throws(Errno) {
      var ends: [Int32] = [-1, -1]
      guard unsafe adage_pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
      readEnd = FileDescriptor(rawValue: ends[0])
      writeEnd = FileDescriptor(rawValue: ends[1])
    }

    func write(_ bytes: borrowing SecretBytes, limit: Int) throws {
      guard bytes.count <= limit else { throw Errno.noSpace }
      _ = unsafe try bytes.withUnsafeBytes { unsafe try writeEnd.writeAll($0) }
    }
  }

  /// What came out of two pipes, read as it comes so that neither fills up.
  private struct Streams: ~Copyable {
    private let first: SecretBuffer
    private let second: SecretBuffer

    init(reading ends: [FileDescriptor], limit: Int) throws {
      var first = try SecretBuffer()
      var second = try SecretBuffer()
      var polled = ends.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
      while polled.contains(where: { $0.fd >= 0 }) {
        let count = unsafe poll(&polled, nfds_t(polled.count), -1)
        if count < 0 && errno != EINTR { throw Errno(rawValue: errno) }
        if count <= 0 { continue }
        if polled[0].revents != 0, try !Self.read(ends[0], &first, limit) { polled[0].fd = -1 }
        if polled[1].revents != 0, try !Self.read(ends[1], &second, limit) { polled[1].fd = -1 }
      }
      self.first = first
      self.second = second
    }

    /// - Returns: whether there may be more.
    private static func read(
      _ end: FileDescriptor, _ buffer: inout SecretBuffer, _ limit: Int
    ) throws -> Bool {
      guard buffer.count <= limit else { throw Errno.fileTooLarge }
      try buffer.reserve(4096)
      return unsafe try buffer.write(upTo: 4096) { unsafe try end.read(into: $0) } > 0
    }

    consuming func finish(_ ending: Ending) -> SecretOutput {
      SecretOutput(ending: ending, bytes: first.finish(), errors: second.finish())
    }
  }
}
