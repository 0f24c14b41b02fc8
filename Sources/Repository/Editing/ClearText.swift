import Age
package import SecretMemory
package import SystemPackage

/// What still fits into a file of `largestSecret` bytes once it is encrypted and armored.
private let largestClearText = largestSecret / 2

extension SecretBytes {
  /// Reads a descriptor to its end, into guarded memory.
  ///
  /// - Throws: `EditingError` with the code `.files`.
  package static func reading(_ descriptor: FileDescriptor) throws(EditingError) -> SecretBytes {
    do {
      var buffer = try SecretBuffer(capacity: 4096)
      var count = 0
      repeat {
        guard buffer.count <= largestClearText else {
          throw EditingError(
            .files, "read the new content: it is larger than \(largestClearText) bytes")
        }
        try buffer.reserve(4096)
        count = unsafe try buffer.write(upTo: 65536) { unsafe try descriptor.read(into: $0) }
      } while count > 0
      return buffer.finish()
    } catch let error as EditingError {
      throw error
    } catch {
      throw EditingError(.files, "read the new content: \("\(error)".lowercased())")
    }
  }
}
