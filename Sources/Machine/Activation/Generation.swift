import Age
import Glibc
internal import Plan
import SecretMemory
import SystemFiles
internal import SystemPackage

/// A directory of secrets in the mount point that nothing points to until the link is swapped.
struct Generation: ~Copyable {
  let number: Int
  private let directory: DirectoryDescriptor
  /// Where copies for elsewhere wait, closed to everybody else.
  private let copies: DirectoryDescriptor

  /// Makes the directory of generation `number`, and the one for copies beside it.
  init(_ number: Int, in storage: borrowing Storage) throws(SystemFilesError) {
    let directory = try storage.directory.makeDirectory(
      Generation.directoryName(number), storage.attributes)
    let copies = try storage.directory.makeDirectory(
      Generation.copiesName(number), FileAttributes(mode: 0o700))
    self.init(number: number, directory: directory, copies: copies)
  }

  private init(
    number: Int, directory: consuming DirectoryDescriptor, copies: consuming DirectoryDescriptor
  ) {
    self.number = number
    self.directory = directory
    self.copies = copies
  }

  static func directoryName(_ number: Int) -> FilePath.Component {
    FilePath.Component(String(number))!
  }

  static func copiesName(_ number: Int) -> FilePath.Component {
    FilePath.Component(copiesPrefix + String(number))!
  }

  static let copiesPrefix = ".copies-"

  /// The generation whose directory has this name; nil for every other name.
  static func number(ofDirectory name: FilePath.Component) -> Int? {
    guard let number = Int(name.string), number >= 0, number < .max, String(number) == name.string
    else {
      return nil
    }
    return number
  }

  /// Decrypts every secret into its file; what fails is listed, in order.
  ///
  /// A file has mode 0600 and no other owner until it is complete.
  func write(
    _ members: [Selection.Member], _ attributes: FileAttributes
  ) throws(SystemFilesError) -> [SecretFailure] {
    let directories = try makeDirectories(
      for: members.filter { !$0.isCopy }.map(\.secret.name), attributes)
    let copies = try SharedDirectory(self.copies.duplicate())
    return inParallel(members) { member -> SecretFailure? in
      let path = FilePath(member.secret.name)
      // Each one was made above.
      let parent = member.isCopy ? copies : directories[path.removingLastComponent().string]!
      let name = member.isCopy ? Generation.copyName(member.index) : name(of: path)
      do throws(SecretFailure) {
        try member.write(
          to: name, in: parent.descriptor, member.isCopy ? nil : member.ownership.attributes)
        return nil
      } catch {
        return error
      }
    }.compactMap { $0 }
  }

  private static func copyName(_ index: Int) -> FilePath.Component {
    FilePath.Component(String(index))!
  }

  /// Opens the copy of the secret with this index in the plan.
  func copy(_ index: Int) throws(SystemFilesError) -> OpenFile {
    try OpenFile.reading(Generation.copyName(index), in: copies)
  }

  /// The directories that names with slashes need, by their paths in the generation.
  private func makeDirectories(
    for names: [String], _ attributes: FileAttributes
  ) throws(SystemFilesError) -> [String: SharedDirectory] {
    var directories = ["": SharedDirectory(try directory.duplicate())]
    for name in names {
      var path = FilePath()
      var parent = directories[""]!
      for component in FilePath(name).removingLastComponent().components {
        path.append(component)
        if let known = directories[path.string] {
          parent = known
        } else {
          parent = SharedDirectory(
            try parent.descriptor.makeDirectory(component, attributes))
          directories[path.string] = parent
        }
      }
    }
    return directories
  }
}

/// A directory that several threads write files to.
private final class SharedDirectory: Sendable {
  let descriptor: DirectoryDescriptor

  init(_ descriptor: consuming DirectoryDescriptor) { self.descriptor = descriptor }
}

extension OpenedSecret {
  /// Up to how many bytes of cipher text a secret is small: 64 KiB.
  private static let small = 64 << 10

  /// A small secret is decrypted to memory of its size, a large one chunk by chunk.
  fileprivate func decrypt(to output: borrowing OpenFile) throws {
    guard size > OpenedSecret.small else {
      let clear = try file.decrypted(with: key)
      return try clear.withSpan { clear throws(SystemFilesError) in
        try unsafe output.write(clear.bytes)
      }
    }
    try output.withDescriptor { descriptor throws(AgeError) in
      var sink = DescriptorSink(descriptor)
      try file.decrypt(with: key, to: &sink)
    }
  }
}

extension Selection.Member {
  /// Writes a new file, which gets its owner and mode when it is complete, and is gone if it never is.
  fileprivate func write(
    to name: FilePath.Component, in directory: borrowing DirectoryDescriptor,
    _ attributes: FileAttributes?
  ) throws(SecretFailure) {
    do {
      let output = try OpenFile.creating(name, in: directory)
      do {
        switch content {
        case .encrypted(let opened): try opened.decrypt(to: output)
        case .live(let file): try file.copy(to: output)
        }
        if let attributes { try output.setAttributes(attributes) }
        try output.close()
      } catch {
        try? directory.remove(name)
        throw error
      }
    } catch let error as AgeError {
      throw SecretFailure(secret, "decrypt \(secret.file): \(error)")
    } catch {
      throw SecretFailure(secret, "\(error)")
    }
  }
}
