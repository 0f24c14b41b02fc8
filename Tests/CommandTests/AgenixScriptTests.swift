import Foundation
import Testing

/// agenix's own script (`pkgs/agenix.sh` of its repository, which `$AGENIX` names) with our program as its `age`, and
/// the same with age itself: both must do the same.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["AGENIX"] != nil, "AGENIX names agenix's own script"))
struct AgenixScriptTests {
  /// What a program in the script's place is called there.
  private static let programs = [
    "@nixInstantiate@": "nix-instantiate", "@jqBin@": "jq", "@mktempBin@": "mktemp",
    "@diffBin@": "diff", "@version@": "0",
  ]

  /// A manifest without the names that break the script: with blanks, and without a file.
  private static let rules = """
    let
      # Without the end of the line: some versions of the script pass on the empty key that it makes.
      read = file: builtins.head (builtins.split "\n" (builtins.readFile file));
      user = read ./home/.ssh/id_ed25519.pub;
      other = read ./keys/other.pub;
      rsa = read ./keys/rsa.pub;
      age = "age1yjc0s53tm72zqplr23dm2kvecucyv5d7mpy5sjsdqqymkjy56q9q0549aq";
    in {
      "secret1.age".publicKeys = [ user other ];
      "nested/secret2.age".publicKeys = [ user age rsa ];
    }
    """

  private func sandbox(age: String) throws -> Sandbox {
    let sandbox = try Sandbox()
    let environment = ProcessInfo.processInfo.environment
    var script = try String(contentsOfFile: environment["AGENIX"]!, encoding: .utf8)
    script = script.replacingOccurrences(of: "@ageBin@", with: age)
    for (name, program) in Self.programs {
      script = script.replacingOccurrences(of: name, with: program)
    }
    try Data(script.utf8).write(to: sandbox.folder.appending(path: "agenix-script"))
    try Data(Self.rules.utf8).write(to: sandbox.folder.appending(path: "secrets.nix"))
    return sandbox
  }

  /// Commands with what matters of their outcome: status, standard output, and the content of files for each key.
  private static let session = [
    "bash agenix-script -d secret1.age",
    "bash agenix-script -d nested/secret2.age -i keys/age.txt",
    "bash agenix-script -d secret1.age -i keys/stranger",
    "echo changed | bash agenix-script -e secret1.age; /usr/bin/age -d -i keys/other secret1.age",
    "echo changed | bash agenix-script -e secret1.age",
    "echo changed | bash agenix-script -e secret1.age -i keys/stranger; /usr/bin/age -d -i keys/other secret1.age",
    "script -qec 'EDITOR=\"sed -i s/second/twice/\" bash agenix-script -e nested/secret2.age' /dev/null",
    "for key in keys/rsa keys/age.txt home/.ssh/id_ed25519; do /usr/bin/age -d -i $key nested/secret2.age; done",
    "cp secret1.age before; script -qec 'bash agenix-script -r' /dev/null; cmp -s secret1.age before",
    "/usr/bin/age -d -i keys/other secret1.age; /usr/bin/age -d -i keys/rsa nested/secret2.age",
    "script -qec 'bash agenix-script -r -i keys/stranger' /dev/null >/dev/null; echo $?",
    "stat -c '%a %n' secret1.age nested/secret2.age; ls -A",
  ]

  @Test func theOutcomeIsTheSame() throws {
    let theirs = try sandbox(age: "/usr/bin/age")
    let ours = try sandbox(age: "\"$PWD/programs/as-age/age\"")
    for command in Self.session {
      let expected = try theirs.run(command)
      let outcome = try ours.run(command)
      #expect(outcome.status == expected.status, Comment(rawValue: command + outcome.errors))
      #expect(
        outcome.output.withoutTemporaryNames == expected.output.withoutTemporaryNames,
        Comment(rawValue: command))
    }
  }
}

extension String {
  /// The text with the names that `mktemp` makes masked.
  fileprivate var withoutTemporaryNames: String {
    replacing(#/\/tmp\.[A-Za-z0-9]{10}/#, with: "/tmp.X")
  }
}
