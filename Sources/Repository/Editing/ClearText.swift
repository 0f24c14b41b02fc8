package import SecretMemory
package import SystemPackage

extension SecretBytes {
  /// Reads a descriptor to its end, into guarded memory.
  ///
  /// - Throws: `EditingError` with the code `.files`.
  package static func reading(_ descriptor: FileDescriptor) throws(EditingError) -> SecretBytes {
    do {
      var buffer = try SecretBuffer(capacity: 4096)
      var count = 0
      repeat {
        try buffer.reserve(4096)
        count = unsafe try buffer.write(upTo: 65536) { unsafe try descriptor.read(into: $0) }
      } while count > 0
      return buffer.finish()
    } catch {
      throw EditingError(.files, "read the new content: \("\(error)".lowercased())")
    }
  }
}
