public import SecretMemory
public import SystemPackage

/// Where bytes come from.
public protocol ByteSource {
  /// Reads up to as many bytes as the buffer has.
  ///
  /// - Returns: how many it read; zero only at the end, or if the buffer is empty.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int
}

/// Where bytes go to.
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

  public mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
    self.bytes.append(copying: bytes)
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

  public init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor
  }

  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(AgeError) -> Int {
    do {
      return unsafe try descriptor.read(into: buffer)
    } catch {
      throw AgeError(.read, "read", errno: error as? Errno)
    }
  }
}

/// A file descriptor to write to, which stays open.
public struct DescriptorSink: ByteSink, Sendable {
  private let descriptor: FileDescriptor

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
    var count = 0
    while count < buffer.count {
      let read = unsafe try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
      if read == 0 { break }
      count += read
    }
    return count
  }
}
