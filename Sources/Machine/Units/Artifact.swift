/// Something that is written to the machine's file system, owned by root.
package struct Artifact: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    /// A regular file with these permissions.
    case file(text: String, mode: UInt32)
    /// A symbolic link.
    case link(to: String)
  }

  /// Absolute.
  package let path: String
  package let content: Content

  package init(path: String, _ content: Content) {
    self.path = path
    self.content = content
  }
}
