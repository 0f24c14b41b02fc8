import Age
internal import Plan
import SecretMemory
import SystemFiles
internal import SystemPackage

extension Activation {
  /// Says what `run` would do, and touches nothing.
  ///
  /// Clear text is compared in guarded memory, in a time that depends on its length alone.
  package func preview() throws(ActivationError) -> ActivationPreview {
    let (tree, ownerships) = try prepare()
    let identities = Identities(at: plan.identityPaths, keyring)
    let opened = open(plan.secrets, with: identities)
    let pairs = Array(zip(opened, ownerships))
    let compared = inParallel(pairs) { opened, ownership in
      Result { () throws(SecretFailure) in try compare(opened.get(), ownership.get(), tree) }
    }
    var changes: [ActivationPreview.Change] = []
    var failures: [SecretFailure] = []
    for result in compared {
      switch result {
      case .success(let change): changes.append(change)
      case .failure(let failure): failures.append(failure)
      }
    }
    guard failures.isEmpty else {
      throw failure(failures, identities)
    }
    return try touchingFiles { () throws(SystemFilesError) in
      changes += try linkChanges(tree) + removals(tree)
      return ActivationPreview(changes: changes, warnings: identities.warnings)
    }
  }

  /// Whether `run` would change nothing; not where somebody would have to be asked first, or nothing is live.
  package var isDone: Bool {
    guard let tree = try? Tree(root: root),
      (try? tree.linkTarget(of: FilePath(plan.secretsDirectory))) != nil,
      secretsThatAsk().isEmpty, let preview = try? preview()
    else { return false }
    return preview.changes.allSatisfy { $0.kind == .unchanged }
  }

  /// Where the secret's content is: its copy's place, or its place in the live generation.
  private func place(of secret: PlannedSecret) -> String {
    isCopy(secret) ? secret.path : plan.defaultPath(ofName: secret.name)
  }

  /// The same without our own link, which `reach` would not follow below a directory such as /tmp.
  private func content(
    of secret: PlannedSecret, _ tree: Tree
  ) throws(SystemFilesError) -> FilePath {
    guard !isCopy(secret), let live = try tree.linkTarget(of: FilePath(plan.secretsDirectory))
    else { return FilePath(place(of: secret)) }
    return live.appending(FilePath(secret.name).components)
  }

  private func compare(
    _ opened: OpenedSecret, _ ownership: Ownership, _ tree: Tree
  ) throws(SecretFailure) -> ActivationPreview.Change {
    let path = place(of: opened.secret)
    do {
      let new = try opened.file.decrypted(with: opened.key)
      let content = try content(of: opened.secret, tree)
      guard let parent = try tree.existingParent(of: content),
        try parent.status(of: name(of: content))?.kind == .regular
      else { return .init(.added, path) }
      let live = try OpenFile.reading(name(of: content), in: parent)
      let status = try live.status()
      var details = ownership.differences(from: status)
      if try !live.hasContent(new, size: status.size) { details.insert("content", at: 0) }
      return .init(details.isEmpty ? .unchanged : .changed, path, details)
    } catch {
      let reason = error is AgeError ? "decrypt \(opened.secret.file): \(error)" : "\(error)"
      throw SecretFailure(opened.secret, reason)
    }
  }

  /// Links elsewhere that are missing or lead elsewhere.
  private func linkChanges(
    _ tree: Tree
  ) throws(SystemFilesError) -> [ActivationPreview.Change] {
    var changes: [ActivationPreview.Change] = []
    for secret in plan.secrets where !plan.isAtDefaultPath(secret) && secret.symlink {
      let target = plan.defaultPath(ofName: secret.name)
      let path = FilePath(secret.path)
      let found = try tree.linkTarget(of: path)?.string
      if found == target { continue }
      let isNew = try tree.status(of: path) == nil
      changes.append(
        .init(isNew ? .added : .changed, secret.path, isNew ? [] : ["link to \(target)"]))
    }
    return changes
  }

  /// Secrets of the live generation that the plan does not have, and what its record made.
  private func removals(_ tree: Tree) throws(SystemFilesError) -> [ActivationPreview.Change] {
    var removed: [String] = []
    let link = FilePath(plan.secretsDirectory)
    if let target = try tree.linkTarget(of: link), try tree.status(of: target)?.kind == .directory {
      let wanted = Set(plan.secrets.filter { !isCopy($0) }.map(\.name))
      let live = try tree.directory(at: target)
      removed += try live.files(below: "").filter { !wanted.contains($0) }
        .map(plan.defaultPath(ofName:))
    }
    let mountPoint = FilePath(plan.secretsMountPoint)
    if try tree.status(of: mountPoint)?.kind == .directory {
      let wanted = Set(plan.secrets.map(\.path) + [plan.secretsDirectory])
      for record in try Record.all(in: tree.directory(at: mountPoint)).values {
        for entry in record.entries where !wanted.contains(entry.path) {
          if case .temporary = entry { continue }
          if try tree.status(of: FilePath(entry.path)) != nil { removed.append(entry.path) }
        }
      }
    }
    return Set(removed).sorted().map { .init(.removed, $0) }
  }
}

extension Ownership {
  fileprivate func differences(from status: FileStatus) -> [String] {
    var details: [String] = []
    if status.mode != mode {
      details.append("mode \(String(status.mode, radix: 8)) to \(String(mode, radix: 8))")
    }
    if status.owner != owner { details.append("owner \(status.owner) to \(owner)") }
    if status.group != group { details.append("group \(status.group) to \(group)") }
    return details
  }
}

extension OpenFile {
  fileprivate func hasContent(
    _ expected: borrowing SecretBytes, size: Int64
  ) throws(SystemFilesError) -> Bool {
    guard size == Int64(expected.count) else { return false }
    guard var content = try? SecretBytes(count: expected.count, locking: .preferred) else {
      throw SystemFilesError("read", path, .noMemory)
    }
    let count = unsafe try content.withUnsafeMutableBytes { bytes throws(SystemFilesError) in
      unsafe try read(into: bytes)
    }
    return count == expected.count && content == expected
  }
}

extension DirectoryDescriptor {
  /// The paths of everything that is no directory, relative to this one.
  fileprivate func files(below path: String) throws(SystemFilesError) -> [String] {
    var files: [String] = []
    for name in try entries() {
      let inner = path + name.string
      if try status(of: name)?.kind == .directory {
        files += try directory(name).files(below: inner + "/")
      } else {
        files.append(inner)
      }
    }
    return files
  }
}
