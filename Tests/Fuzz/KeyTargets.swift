import Age
import SecretMemory

@testable import AgeSSH

/// A line that is a public key says of itself what it is, and that is the same key.
func fuzzSSHPublicKey(_ bytes: [UInt8]) {
  let line = String(decoding: bytes, as: UTF8.self)
  _ = try? SSHPublicKeyLine(line)
  guard let recipient = try? sshRecipient(line) else { return }
  let again = try? sshRecipient("\(recipient)")
  precondition(again.map { "\($0)" } == "\(recipient)")
}

/// A private key decrypts what is encrypted to its public key, unless it is an RSA key whose primes are none. Of protected
/// keys, what surrounds the cipher text is read.
///
/// A first byte below that of any text says which form the bytes after it are in, so that the text around them does not
/// stand in the way.
func fuzzSSHPrivateKey(_ bytes: [UInt8]) {
  var text = bytes
  let forms: [PEM.Label] = [.openSSH, .pkcs1, .pkcs8, .encryptedPKCS8]
  if let first = bytes.first, Int(first) < forms.count {
    let label = forms[Int(first)].rawValue
    let content = Base64.encode(bytes.span.extracting(1...), padded: true)
    text = Array("-----BEGIN \(label)-----\n".utf8) + content
    text += Array("\n-----END \(label)-----\n".utf8)
  }
  guard let file = try? SSHKeyFile(text.span) else { return }
  if let blob = file.publicBlob { _ = try? makeRecipient(blob: blob) }
  // Of the ways of protection, this takes no time.
  switch file {
  case .protectedPKCS1: _ = try? file.key(password: SecretBytes(copying: [1]))
  default: break
  }
  guard let identity = try? file.key().identity() else { return }
  do {
    let fileKey = try FileKey()
    let stanzas = try identity.recipients()[0].wrap(fileKey).stanzas
    guard let unwrapped = try identity.unwrap(stanzas) else {
      preconditionFailure("the key does not know its own stanza")
    }
    precondition(unwrapped.isEqual(to: fileKey))
  } catch {
    precondition(identity.keyType == SSHKeyType.rsa, "\(error)")
  }
}

extension FileKey {
  fileprivate func isEqual(to other: FileKey) -> Bool {
    withSpan { mine in
      other.withSpan { theirs in mine.indices.allSatisfy { mine[$0] == theirs[$0] } }
    }
  }
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
