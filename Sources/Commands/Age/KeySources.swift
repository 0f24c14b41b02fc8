import Age
import AgeSSH
import Glibc
import Keyring
import SecretMemory
import SystemFiles
import SystemPackage

/// The keys that a command line of `age` names.
struct KeySources {
  let keyring: Keyring
  let console: Console
  /// Whether something else reads standard input, which can be read once.
  var standardInputIsTaken: Bool

  // MARK: Recipients

  /// The recipient that `-r` gives; what may be a private key is not repeated.
  func recipient(_ text: String, number: Int) throws(AgeFailure) -> any Recipient {
    for service in ["github:", "https:", "http:"] where text.hasPrefix(service) {
      throw AgeFailure(
        "\(service.quoted) recipients were removed from the design",
        hint: "instead, download the keys and use them as a file: age -R FILE")
    }
    do throws(KeyringError) {
      return try keyring.recipient(text)
    } catch {
      throw failure(error, text, number)
    }
  }

  private func failure(_ error: KeyringError, _ text: String, _ number: Int) -> AgeFailure {
    let lowercased = text.prefix(15).lowercased()
    if ["age1", "ssh-", "ecdsa-", "sk-"].contains(where: lowercased.hasPrefix) {
      return AgeFailure("malformed recipient \(text.quoted): \(error)", hint: error.hint)
    }
    let isFile = (try? FileStatus(FilePath(text))) != nil
    return AgeFailure(
      "unknown recipient type: -r/--recipient number \(number): \(error)",
      hint: isFile ? "to encrypt to the keys in a file, use -R/--recipients-file" : error.hint)
  }

  /// The recipients of a file; SSH keys of types that cannot encrypt are passed over with a warning.
  mutating func recipients(ofFile name: String) throws(AgeFailure) -> [any Recipient] {
    let start = "failed to parse recipient file \(name.quoted)"
    let secret = try secret(name) { AgeFailure("\(start): \($0)", hint: $1) }
    let text = secret.withSpan { bytes in
      String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
    var recipients: [any Recipient] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) { continue }
      do throws(KeyringError) {
        recipients.append(try keyring.recipient(String(line)))
      } catch {
        if let type = Self.unsupportedType(of: String(line)) {
          console.warn(
            "recipients file \(name.quoted): ignoring unsupported SSH key of type \(type.quoted) "
              + "at line \(index + 1)")
          continue
        }
        throw AgeFailure(
          "\(start): \(name.quoted): malformed recipient at line \(index + 1): \(error)",
          hint: error.hint)
      }
    }
    guard !recipients.isEmpty else {
      throw AgeFailure("\(start): \(name.quoted): no recipients found")
    }
    return recipients
  }

  /// The type of a line that is a sound SSH public key of another kind than those that can encrypt.
  private static func unsupportedType(of line: String) -> String? {
    guard let type = try? SSHPublicKeyLine(line).type else { return nil }
    return type == "ssh-ed25519" ? nil : type
  }

  // MARK: Identities

  /// The identities of a file: age's own, an SSH key, or either encrypted.
  mutating func identities(ofFile name: String) throws(AgeFailure) -> [any Identity] {
    let start = "reading \(name.quoted)"
    // A file that is one is read by the keyring, which knows what lies beside it.
    let isFile = name != "-" && (try? FileStatus(FilePath(name)))?.kind == .regular
    let text = isFile ? nil : try secret(name) { AgeFailure("\(start): \($0)", hint: $1) }
    do throws(KeyringError) {
      guard let text else { return try keyring.identities(at: FilePath(name)) }
      return try keyring.identities(in: text, from: name)
    } catch {
      throw Self.failure(error, name, start)
    }
  }

  private static func failure(
    _ error: KeyringError, _ name: String, _ start: String
  ) -> AgeFailure {
    var reason = error.reason
    if let errno = error.errno { reason += ": \(errno.description.lowercased())" }
    if let line = error.origin?.line { reason = "error at line \(line): \(reason)" }
    reason = reason.replacingPhrase("this is no private key that is known", "unknown identity type")
    reason = reason.replacingPhrase("there is no private key in it", "no secret keys found")
    return AgeFailure("\(start): failed to read \(name.quoted): \(reason)", hint: error.hint)
  }

  /// The identity of a plugin that needs no data.
  func identity(ofPlugin name: String) throws(AgeFailure) -> any Identity {
    throw AgeFailure("initializing \(name.quoted): identities of plugins are not supported yet")
  }

  // MARK: Files

  /// A whole file in locked memory; `-` is standard input. What is no regular file is read to its end, too.
  private mutating func secret(
    _ name: String, _ failure: (String, String?) -> AgeFailure
  ) throws(AgeFailure) -> SecretBytes {
    do throws(AgeFailure) {
      guard name == "-" else { return try Self.readAll(name) }
      if standardInputIsTaken { throw AgeFailure("standard input is used for multiple purposes") }
      standardInputIsTaken = true
      return try Self.readAll(.standardInput, name)
    } catch {
      throw failure(error.description, error.hint)
    }
  }

  private static func readAll(_ name: String) throws(AgeFailure) -> SecretBytes {
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        FilePath(name), .readOnly,
        options: [.closeOnExec, FileDescriptor.OpenOptions(rawValue: O_NOCTTY)])
    } catch {
      throw AgeFailure("failed to open file: open \(name): \("\(error)".lowercased())")
    }
    defer { try? descriptor.close() }
    return try readAll(descriptor, name)
  }

  private static func readAll(
    _ descriptor: FileDescriptor, _ name: String
  ) throws(AgeFailure) -> SecretBytes {
    do {
      var text = try SecretBuffer(capacity: 4096, locking: .required)
      var count = 0
      repeat {
        guard text.count <= Keyring.limit else {
          throw AgeFailure("read \(name): it is over the limit of \(Keyring.limit >> 20) MiB")
        }
        try text.reserve(4096)
        count = unsafe try text.write(upTo: Keyring.limit + 1 - text.count) {
          unsafe try descriptor.read(into: $0)
        }
      } while count > 0
      return text.finish()
    } catch let error as AgeFailure {
      throw error
    } catch let error as SecretMemoryError {
      throw AgeFailure(error.description, hint: error.hint)
    } catch {
      throw AgeFailure("read \(name): \("\(error)".lowercased())")
    }
  }
}

extension String {
  /// The text with `age`'s phrase before one of ours, at its end.
  fileprivate func replacingPhrase(_ ours: String, _ theirs: String) -> String {
    hasSuffix(ours) ? "\(dropLast(ours.count))\(theirs): \(ours)" : self
  }
}
