import Age
import Backblaze
import Keyring
import NewRepository
import SecretMemory

/// The secrets of a new backup job, encrypted as soon as they exist.
struct NewSecrets {
  /// Who reads them.
  let recipients: [any Recipient]
  /// Their names and cipher texts.
  private(set) var files: [(name: String, bytes: [UInt8])] = []

  init(publicKeys: [String]) throws(KeyringError) {
    var recipients: [any Recipient] = []
    for line in publicKeys { recipients.append(try Keyring().recipient(line)) }
    self.recipients = recipients
  }

  /// Adds a password of 256 bits at random, as 64 hexadecimal digits.
  mutating func addPassword() throws {
    let digits = Array("0123456789abcdef".utf8)
    let bits = try SecretBytes.random(count: 32)
    var text = try SecretBuffer(capacity: 65, locking: .required)
    try bits.withSpan { bits throws(SecretMemoryError) in
      for index in bits.indices {
        try text.append([digits[Int(bits[index] >> 4)]].span)
        try text.append([digits[Int(bits[index] & 15)]].span)
      }
    }
    try text.append([UInt8(ascii: "\n")].span)
    try add(NewRepository.password, text.finish())
  }

  /// Adds the name of the repository that is backed up to.
  mutating func addRepository(_ value: String) throws {
    try add(NewRepository.repository, try SecretBytes(copying: Array("\(value)\n".utf8)))
  }

  /// Adds what restic finds in its environment.
  mutating func addEnvironment(_ text: borrowing SecretBytes) throws {
    try add(NewRepository.environment, text)
  }

  private mutating func add(_ name: String, _ text: borrowing SecretBytes) throws {
    files.append((name, try Age.encrypt(text, recipients: recipients)))
  }
}

/// What is backed up to.
enum BackupTarget: Equatable {
  /// Whoever runs this says it later.
  case later
  case repository(String)
  /// A bucket of Backblaze B2.
  case bucket(String)

  /// The repository as restic calls it.
  var repository: String? {
    switch self {
    case .later: nil
    case .repository(let value): value
    case .bucket(let name): "b2:\(name)"
    }
  }

  /// Kinds of repositories that need nothing in restic's environment.
  private static let plain = ["/", "local:", "sftp:", "rest:", "rclone:"]
  private static let others = ["b2:", "s3:", "azure:", "gs:", "swift:"]

  /// Whether restic wants keys in its environment to reach it.
  var hasEnvironment: Bool {
    guard let repository else { return true }
    return !Self.plain.contains(where: repository.hasPrefix)
  }

  /// Whether it is one for a job, which runs in no particular directory.
  var isKnown: Bool {
    guard let repository else { return true }
    return (Self.plain + Self.others).contains(where: repository.hasPrefix)
      && !repository.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
