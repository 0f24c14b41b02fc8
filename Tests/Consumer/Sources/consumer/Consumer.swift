import Age
import SecretMemory

@main
struct Consumer {
  static func main() throws {
    // A key pair. The recipient, `age1…`, is public; the identity, `AGE-SECRET-KEY-1…`, is not.
    let identity = try X25519Identity()

    // Clear text lies in guarded memory, which is wiped when it goes out of scope.
    let clearText = try SecretBytes(copying: Array("correct horse".utf8))
    let file = try encrypt(clearText, recipients: [identity.recipient], armor: true)
    print(String(decoding: file, as: UTF8.self))

    // The header can be read without a key.
    let header = try EncryptedFile(reading: BytesSource(file)).header
    print("for", header.stanzas.map(\.type))

    let decrypted = try decrypt(file, identities: [identity])
    print("the same:", decrypted == clearText)

    // Errors have a stable code, and a reason for people.
    let somebodyElse = try X25519Identity()
    do throws(AgeError) {
      _ = try decrypt(file, identities: [somebodyElse])
    } catch {
      print(error.code == .noMatch, error)
    }
  }
}
