import Foundation
import Testing

/// Debian's age and ours, called alike: they must end with the same status and leave the same files, and each must
/// read what the other wrote.
@Suite struct SideBySideTests {
  private static let key = "age1yjc0s53tm72zqplr23dm2kvecucyv5d7mpy5sjsdqqymkjy56q9q0549aq"

  /// Invocations, with `AGE` for the program; `file` is clear text, `file.age` is for two keys.
  static let invocations = [
    "AGE --version >/dev/null",
    "AGE", "AGE -h", "AGE -help", "AGE --nonsense", "AGE -r", "AGE -o", "AGE --armor=maybe file",
    "AGE ---r x", "AGE file", "AGE -e file", "AGE file file", "AGE -d file file",
    "AGE -r \(key) -o out file", "AGE -r \(key) <file >out", "AGE --recipient=\(key) -o=out file",
    "AGE -recipient \(key) --output out - <file", "AGE -a -r \(key) -o out file",
    "AGE -armor=false -r \(key) -o out file", "AGE -R keys/other.pub -o out file",
    "AGE -R keys/rsa.pub -R keys/other.pub -r \(key) -o out file",
    "AGE -e -i keys/age.txt -o out file",
    "AGE -e -i keys/other -o out file", "AGE -e -i keys/rsa -i keys/age.txt -o out file",
    "AGE -R - -o out file <keys/other.pub", "AGE -R - -o out", "AGE -i keys/age.txt file",
    "AGE -r bad -o out file", "AGE -r '' -o out file", "AGE -r github:me -o out file",
    "AGE -r 'ssh-ed25519 AAAA' -o out file", "AGE -r age1xyz -o out file",
    "AGE -R file -o out file", "AGE -R keys/age.txt -o out file", "AGE -R /dev/null -o out file",
    "AGE -R missing -o out file", "AGE -r \(key) -o out missing", "AGE -r \(key) -o none/out file",
    "AGE -r \(key) -o keys file", "AGE -p -r \(key) file",
    "AGE -p -R keys/other.pub file", "AGE -e -p -i keys/age.txt file",
    "AGE -d -i keys/age.txt file.age", "AGE --decrypt -identity=keys/age.txt -o out file.age",
    "AGE -d -i keys/other <file.age >out", "AGE -d -i keys/stranger -i keys/other -o out file.age",
    "AGE -d -i - -o out file.age <keys/age.txt", "AGE -d -i - <file.age",
    "AGE -d -i keys/stranger -o out file.age",
    "AGE -d -i missing -o out file.age", "AGE -d -i file -o out file.age",
    "AGE -d -i keys/other.pub -o out file.age", "AGE -d -i /dev/null -o out file.age",
    "AGE -d -o out file.age", "AGE -d -i keys/age.txt -o out file",
    "AGE -d -i keys/age.txt -o out /dev/null",
    "AGE -d -i keys/age.txt missing", "AGE -d -i keys/age.txt keys",
    "AGE -d -a -i keys/age.txt file.age",
    "AGE -d -p file.age", "AGE -d -r \(key) file.age", "AGE -d -R keys/other.pub file.age",
    "AGE -d -e file.age",
    "AGE -d -i keys/age.txt -o - file.age", "AGE -o '' -d -i keys/age.txt file.age",
    "AGE -d -i keys/age.txt -o out armored.age", "AGE -d -i keys/age.txt -o /dev/null file.age",
    "AGE -d -i keys/age.txt short.age", "AGE -d -i keys/age.txt -o kept file.age; cat kept",
    "(umask 027; AGE -r \(key) -o out file)", "AGE -r \(key) -o kept file",
    "AGE -r \(key) -o link file",
    "AGE -d -i <(cat keys/age.txt) -o out <(cat file.age)", "AGE -r \(key) -o out -- file",
    "AGE -r \(key) /dev/null >out", "AGE -r \(key) file >/dev/full",
    "AGE-keygen -o out 2>/dev/null",
    "AGE-keygen -o kept", "AGE-keygen -o none/out", "AGE-keygen extra",
    "AGE-keygen -y keys/age.txt",
    "AGE-keygen -y <keys/age.txt", "AGE-keygen -y -o out keys/age.txt", "AGE-keygen -y missing",
    "AGE-keygen -y file", "AGE-keygen -y /dev/null", "AGE-keygen -y one two", "AGE-keygen -x",
    "AGE-keygen -h",
    "AGE-keygen >out 2>/dev/null",
  ]

  /// What Debian's 1.1.1 does differently from 1.3, which ours follows, or where ours is kinder on purpose.
  static let differences = [
    // 1.1.1 writes over what it reads; 1.3 and ours refuse.
    "cp file.age kept; AGE -d -i keys/age.txt -o ./kept kept",
    "AGE -d -i keys/age.txt -o keys/age.txt file.age",
    // age writes a header before it sees that it reads a directory.
    "AGE -r \(key) keys >out",
    // Flags behind the file are an error to age.
    "AGE file -r \(key) -o out",
    // age leaves what it had decrypted when a file turns out to be cut short.
    "AGE -d -i keys/age.txt -o out short.age",
  ]

  private static let preparation = """
    set -e
    yes 'some clear text' | head -c 100000 >file
    age -R keys/other.pub -r \(key) -o file.age file
    age -a -R keys/other.pub -r \(key) -o armored.age file
    head -c 90000 file.age >short.age
    echo kept >kept; chmod 640 kept; ln -s kept link
    """

  private struct Result: Equatable {
    let status: Int32
    let output: String
    let files: String
  }

  /// Runs an invocation in a new folder. Of encrypted files the clear text counts, and of new keys that they are keys.
  private func run(_ invocation: String, _ program: String) throws -> Result {
    let sandbox = try Sandbox()
    let prepared = try sandbox.run(Self.preparation)
    #expect(prepared.status == 0, Comment(rawValue: prepared.errors))
    let command = invocation.replacingOccurrences(of: "AGE", with: program)
    let outcome = try sandbox.run(
      "setsid -w bash -c '\(command.replacingOccurrences(of: "'", with: "'\\''"))'")
    let files = try sandbox.run(
      """
      stat -c '%n %a %F' * | grep -v programs
      for file in out kept link file keys/age.txt; do
        [ -f $file ] || continue
        if head -n 1 $file | grep -q -e age-encryption -e 'BEGIN AGE'; then
          echo "$file: $(head -n 1 $file)"
          for key in keys/age.txt keys/other keys/rsa; do
            \(program == "age" ? "programs/as-age/age" : "/usr/bin/age") -d -i $key $file 2>/dev/null | md5sum
          done
        elif grep -q '^# created' $file; then
          \(program == "age" ? "programs/as-age/" : "/usr/bin/")age-keygen -y $file | wc
        else
          md5sum $file
        fi
      done
      """)
    let isUsage = outcome.errors.contains("Usage:")
    return Result(
      status: outcome.status, output: isUsage ? "usage" : outcome.output, files: files.output)
  }

  @Test func thereAreEnough() {
    #expect(Set(Self.invocations).count >= 85)
  }

  @Test(arguments: invocations)
  func bothDoTheSame(_ invocation: String) throws {
    #expect(try run(invocation, "programs/as-age/age") == run(invocation, "age"))
  }

  @Test(arguments: differences)
  func theDifferencesAreReal(_ invocation: String) throws {
    #expect(try run(invocation, "programs/as-age/age") != run(invocation, "age"))
  }
}
