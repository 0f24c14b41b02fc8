internal import Age
package import AgeSSH
internal import SecretMemory
package import SystemPackage

extension Keyring {
  /// Reads the SSH private key of a file.
  ///
  /// - Throws: `KeyringError`, as `identities(at:)` does.
  package func sshIdentity(at path: FilePath) throws(KeyringError) -> any SSHIdentity {
    let text = try KeyFile.read(path)
    return try text.withSpan { text throws(KeyringError) in
      try sshIdentity(text, path.string, path)
    }
  }

  /// Reads an SSH private key; if only its public key can tell whose it is, that is read from `KEY.pub`.
  func sshIdentity(
    _ text: Span<UInt8>, _ place: String, _ path: FilePath?
  ) throws(KeyringError) -> any SSHIdentity {
    do {
      return try AgeSSH.sshIdentity(text, path: place, prompter: prompter)
    } catch {
      guard error.code == .publicKeyMissing, let path else {
        throw KeyringError(error).at(.init(place))
      }
      let file = FilePath(path.string + ".pub")
      let line: String
      do { line = try publicLine(file) } catch  where error.code == .missing {
        throw KeyringError(
          .notSupported, "the key is protected by a password and \(file) is not there",
          origin: .init(place),
          hint: "make it: `ssh-keygen -y -f \(place) > \(file)`")
      }
      do {
        return try AgeSSH.sshIdentity(text, path: place, publicKey: line, prompter: prompter)
      } catch {
        throw KeyringError(error).at(.init(file.string))
      }
    }
  }

  /// The first line of a file that is neither empty nor a comment.
  private func publicLine(_ file: FilePath) throws(KeyringError) -> String {
    let text = try KeyFile.read(file).withSpan { span in
      String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
    let line = text.split(whereSeparator: \.isNewline).first { !$0.hasPrefix("#") }
    return line.map { String($0) } ?? ""
  }
}
