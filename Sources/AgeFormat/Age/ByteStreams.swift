public import SecretMemory
public import SystemPackage

/// Where bytes come from.
///
/// A large payload is read by several threads in turn, never by two at once.
public protocol ByteSource {
  /// Reads up to as many bytes as the buffer has.
  ///
  /// - Returns: how many it read; zero only at the end, or if the buffer is empty.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int
}

/// Where bytes go to.
///
/// A large payload is written by several threads in turn, never by two at once.
public protocol ByteSink: ~Copyable {
  /// Writes all the bytes.
  mutating func write(_ bytes: Span<UInt8>) throws(AgeError)
}

/// Bytes in memory, to read from.
public struct BytesSource: ByteSource, Sendable {
  private let bytes: [UInt8]
  private var offset = 0

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let count = min(buffer.count, bytes.count - offset)
    unsafe buffer.copyBytes(from: bytes[offset..<(offset + count)])
    offset += count
    return count
  }
}

/// Bytes in memory that are not secret, to write to.
public struct BytesSink: ByteSink, Sendable {
  /// What was written.
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// Makes room for what is to come.
  mutating func reserve(_ count: Int) {
    bytes.reserveCapacity(bytes.count + count)
  }

  public mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
    self.bytes.append(copying: bytes)
  }
}

/// Secret bytes in memory that outlive it, to read from.
@safe
struct SecretSource: ByteSource {
  private var rest: Slice<UnsafeRawBufferPointer>

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe rest = bytes[...]
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let next = unsafe rest.prefix(buffer.count)
    unsafe buffer.copyBytes(from: next)
    unsafe rest = rest.dropFirst(next.count)
    return unsafe next.count
  }
}

extension SecretBuffer: ByteSink {
  public mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
    do { try append(bytes) } catch { throw AgeError(error) }
  }
}

/// A file descriptor to read from, which stays open.
public struct DescriptorSource: ByteSource, Sendable {
  private let descriptor: FileDescriptor
  private var room = PipeRoom()

  public init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor
  }

  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    do {
      let count = unsafe try descriptor.read(into: buffer)
      room.count(count, through: descriptor)
      return count
    } catch {
      throw AgeError(.read, "read", errno: error as? Errno)
    }
  }
}

/// A file descriptor to write to, which stays open.
public struct DescriptorSink: ByteSink, Sendable {
  private let descriptor: FileDescriptor
  private var room = PipeRoom()

  public init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor
  }

  public mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
    var written = 0
    while written < bytes.count {
      do {
        unsafe written += try bytes.extracting(written...).withUnsafeBytes {
          unsafe try descriptor.write($0)
        }
      } catch {
        throw AgeError(.write, "write", errno: error as? Errno)
      }
    }
    room.count(written, through: descriptor)
  }
}

extension [UInt8] {
  /// Appends a copy of bytes.
  mutating func append(copying bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

extension ByteSource {
  /// Reads until the buffer is full or the source is at its end.
  ///
  /// - Returns: how many bytes it read.
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    let filled = unsafe fill(buffer, after: 0, unit: buffer.count, additional: 0)
    if let failure = filled.failure { throw failure }
    return filled.count
  }

  /// Reads until the buffer is full, the source is at its end or it fails.
  ///
  /// A source that gives less than it was asked for, such as a pipe, is slow, and what it gave is not held back: then the
  /// end of a unit is enough.
  ///
  /// - Parameters:
  ///   - held: how many bytes the buffer holds already.
  ///   - unit: how many bytes belong together.
  ///   - additional: how many are wanted after whole units.
  mutating func fill(
    _ buffer: UnsafeMutableRawBufferPointer, after held: Int, unit: Int, additional: Int
  ) -> Filled {
    var filled = Filled(count: held)
    var goal = buffer.count
    do throws(AgeError) {
      while filled.count < goal && !filled.isAtEnd {
        let wanted = goal - filled.count
        let read = try unsafe read(
          into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled.count..<goal]))
        filled.count += read
        filled.isAtEnd = read == 0
        if read < wanted {
          let units = max(1, (filled.count - additional + unit - 1) / unit)
          goal = min(goal, units * unit + additional)
        }
      }
    } catch {
      filled.failure = error
    }
    return filled
  }
}

/// What is in a buffer, and why not more.
struct Filled {
  var count = 0
  var isAtEnd = false
  var failure: AgeError?
}
