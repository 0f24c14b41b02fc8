/// What `age --help` prints.
///
/// - Parameter name: the name under which the program was called; nil for the subcommands of adage.
func ageHelp(name: String?) -> String {
  let encrypt = name.map { "\($0) [--encrypt]" } ?? "adage encrypt"
  let decrypt = name.map { "\($0) --decrypt" } ?? "adage decrypt"
  return """
    Usage:
        \(encrypt) (-r RECIPIENT | -R PATH)... [--armor] [-o OUTPUT] [INPUT]
        \(encrypt) --passphrase [--armor] [-o OUTPUT] [INPUT]
        \(decrypt) [-i PATH | -j PLUGIN]... [-o OUTPUT] [INPUT]

    Options:
        -e, --encrypt               Encrypt INPUT to OUTPUT, which is the default.
        -d, --decrypt               Decrypt INPUT to OUTPUT.
        -o, --output OUTPUT         Write to the file OUTPUT, once all went well.
        -a, --armor                 Encrypt to text instead of bytes.
        -p, --passphrase            Encrypt with a passphrase.
        -r, --recipient RECIPIENT   Encrypt to RECIPIENT. Can be repeated.
        -R, --recipients-file PATH  Encrypt to the recipients in a file. Can be repeated.
        -i, --identity PATH         Decrypt with the identities in a file. Can be repeated.
        -j PLUGIN                   Use a plugin that needs no data. Can be repeated.
            --version               Print the version.

    INPUT and OUTPUT are standard input and output unless they are given; "-" stands for them, too.
    A file at OUTPUT is replaced.

    RECIPIENT is a public key of age-keygen ("age1..."), of a plugin ("age1name1..."), or of SSH
    ("ssh-ed25519 AAAA...", "ssh-rsa AAAA..."). A file of recipients has one on each line; empty
    lines and those that begin with "#" are passed over.

    A file of identities has private keys of age-keygen or of plugins ("AGE-SECRET-KEY-1...",
    "AGE-PLUGIN-NAME-1..."), one on each line; or it is an SSH private key; or it is either, encrypted
    with a passphrase. With --encrypt, -i encrypts to the recipients of its identities.

    Example:
        $ \(name == nil ? "adage keygen" : "age-keygen") -o key.txt
        Public key: age1...
        $ tar cz ~/data | \(name ?? "adage encrypt") -r age1... -o data.tar.gz.age
        $ \(decrypt) -i key.txt data.tar.gz.age | tar xz
    """
}

/// What `age-keygen --help` prints.
func keygenHelp(name: String) -> String {
  """
  Usage:
      \(name) [-pq] [-o OUTPUT]
      \(name) -y [-o OUTPUT] [INPUT]
      \(name) --from-ssh [-o OUTPUT] INPUT

  Options:
      -pq                       Make a post-quantum key pair: ML-KEM-768 and X25519.
      -y                        Write the recipients that the keys in INPUT stand for.
          --from-ssh            Write the identity that the SSH private key in INPUT stands for.
      -o, --output OUTPUT       Write to the new file OUTPUT.
          --version             Print the version.

  \(name) makes a new key pair and writes it to standard output or to OUTPUT, which must not exist
  yet and is readable to its owner alone. Unless that is a terminal, the public key is shown, too.

  With -y, identities, an SSH private key or a list of SSH public keys are read from INPUT or from
  standard input, and the recipients that they stand for are written, one on each line. An ssh-ed25519
  key stands for an X25519 key, as ssh-to-age has it.

  Example:
      $ \(name) -o key.txt
      Public key: age1...
      $ \(name) -y key.txt
      age1...
  """
}

/// What `age-inspect --help` prints.
func inspectHelp(name: String) -> String {
  """
  Usage:
      \(name) [--json] [--stanzas] [-r RECIPIENT | -R PATH | -i PATH]... [INPUT]

  Options:
      --json                      Print JSON.
      --stanzas                   Print each stanza, too.
      -r, --recipient RECIPIENT   Tell which stanzas are for RECIPIENT. Can be repeated.
      -R, --recipients-file PATH  Tell which stanzas are for the recipients in a file.
      -i, --identity PATH         Tell which stanzas the identities in a file open.
      -v, --version               Print the version.

  INPUT is an encrypted file; it is standard input unless it is given, and "-" stands for that, too.
  Nothing is decrypted.
  """
}
