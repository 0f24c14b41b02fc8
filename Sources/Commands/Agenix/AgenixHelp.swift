/// The help that agenix's flags print.
///
/// - Parameter name: the name under which the program was called.
func agenixHelp(name: String) -> String {
  let subcommands = """

    COMMANDS (adage COMMAND --help tells more)
      init [FOLDER]             begin a repository of secrets, with a backup job if asked
      switch FILE               make this machine what a configuration says: secrets, jobs, units
      status                    how the machine's backup jobs and secrets are
      rollback, uninstall       go back to the configuration before; take all of it away
      activate                  decrypt a machine's secrets into /run, all or none
      eval FILE                 print the value of a Nix expression, or of modules
      option NAME [FILE]        what an option of configurations is, and where it is set
      encrypt, decrypt          encrypt and decrypt files, as age does
      inspect [FILE]            tell what a file is encrypted to, as age-inspect does
      keygen                    make a key pair or convert keys, as age-keygen does

    """
  return """
    \(name) - edit and rekey secrets that age encrypted

    USAGE
      \(name) -e FILE [-i PRIVATE_KEY]...
      \(name) -d FILE [-i PRIVATE_KEY]...
      \(name) -r [-i PRIVATE_KEY]...

    OPTIONS
      -e, --edit FILE           edit FILE in $EDITOR, or take it from standard input
      -d, --decrypt FILE        decrypt FILE to standard output
      -r, --rekey               encrypt every secret anew for the keys that its rule names
      -i, --identity KEY        decrypt with this key file instead of the default ones
          --rules FILE          the manifest, instead of $RULES
          --allow-empty         let -e make a secret empty
          --allow-read          as root, let the manifest read outside its repository
      -v, --verbose             say what is done
      -h, --help                show this help
          --version             show the version
    \(name == "agenix" ? "" : subcommands)
    FILES
      FILE                      a secret, by its path or by its name in the manifest
      KEY                       an SSH private key or a file of age identities; by default
                                ~/.ssh/id_rsa, then ~/.ssh/id_ed25519

    ENVIRONMENT
      RULES                     the manifest that maps files to public keys; ./secrets.nix if unset
      EDITOR, VISUAL            the editor, with arguments; vi if both are unset; EDITOR=: encrypts
                                FILE anew as it is

    \(name) \(adageVersion)

    """
}
