import Age
import AgePostQuantum
import Foundation
import SecretMemory
import TestSupport
import Testing

/// The cases that this repository has, made by other programs.
@Suite struct VectorTests {
  static let all = ["age", "post-quantum"].flatMap { folder in
    (try? Vector.all(in: packageRoot.appendingPathComponent("Vectors/\(folder)"))) ?? []
  }.filter { $0["scalar"] == nil }

  @Test func allAreThere() {
    #expect(Self.all.count == 59)
    #expect(Set(Self.all.map(\.["expect"])).count == 6)
  }

  @Test(arguments: all)
  func streaming(_ vector: Vector) throws {
    try vector.check(step: 1 << 20)
  }

  @Test(arguments: all)
  func trickling(_ vector: Vector) throws {
    try vector.check(step: 1)
  }

  @Test(arguments: all.filter { $0["expect"] == "success" })
  func inMemory(_ vector: Vector) throws {
    let clear = try decrypt(vector.file, identities: vector.identities)
    #expect(sha256(clear.revealed) == vector["payload"])
  }
}

extension Vector {
  /// The kind of failure that `expect` names.
  var expectedFailure: AgeError.Code? {
    switch self["expect"] {
    case "success": nil
    case "no match": hasPassword ? .wrongPassword : .noMatch
    case "HMAC failure": .headerMAC
    case "header failure": .header
    case "payload failure": .payload
    case "armor failure": .armor
    default: .memory
    }
  }

  /// Whether a password is what the file wants and the vector gives.
  private var hasPassword: Bool {
    self["passphrase"] != nil
      && String(decoding: file.prefix(100), as: UTF8.self).contains("\n-> scrypt ")
  }

  var armor: ArmorExpectation { self["armored"] == "yes" ? .required : .detect }

  var identities: [any Identity] {
    get throws {
      let keys = try all("identity").map { text -> any Identity in
        let bytes = Array(text.utf8)
        return text.hasPrefix("AGE-SECRET-KEY-PQ-1")
          ? try HybridIdentity(bytes.span) : try X25519Identity(bytes.span)
      }
      let passwords = try all("passphrase").map {
        ScryptIdentity(password: try SecretBytes(copying: Array($0.utf8))) as any Identity
      }
      return keys + passwords
    }
  }

  /// Decrypts a source that gives at most `step` bytes at a time, and compares how it ends and what it releases.
  func check(step: Int) throws {
    let source = TrickleSource(file, step: step)
    let outcome = Outcome(source, try identities, armor: armor)
    #expect(outcome.failure?.code == expectedFailure, "\(outcome.failure?.reason ?? "")")
    if let payload = self["payload"] {
      #expect(sha256(outcome.released) == payload)
    } else if expectedFailure != .armor {
      #expect(outcome.released.isEmpty)
    }
  }

  func hexadecimal(_ key: String) -> [UInt8] {
    let digits = Array(self[key] ?? "")
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
  }
}
