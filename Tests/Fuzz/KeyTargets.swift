import Age
import AgeSSH
import Keyring
import SecretMemory

/// A line that is a public key says of itself what it is, and that is the same key.
func fuzzSSHPublicKey(_ bytes: [UInt8]) {
  let line = String(decoding: bytes, as: UTF8.self)
  _ = try? SSHPublicKeyLine(line)
  guard let recipient = try? Keyring().recipient(line) else { return }
  let again = try? Keyring().recipient("\(recipient)")
  precondition(again.map { "\($0)" } == "\(recipient)")
}

/// What decodes is encoded to the same text. The first byte says how many bytes are wanted.
func fuzzBech32(_ bytes: [UInt8]) {
  guard let count = bytes.first.map(Int.init) else { return }
  let text = bytes.dropFirst()
  let separator = text.lastIndex(of: UInt8(ascii: "1")) ?? text.startIndex
  let prefix = String(decoding: text[..<separator], as: UTF8.self).lowercased()
  guard
    let decoded = try? Bech32.decode(Array(text).span, prefix: prefix, count: count)
  else { return }
  let encoded = decoded.withSpan { Bech32.encode($0, prefix: prefix) }
  precondition(encoded == String(decoding: text, as: UTF8.self).lowercased())
}
