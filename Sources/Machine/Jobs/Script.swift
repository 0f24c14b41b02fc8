import Glibc
internal import Programs
internal import SystemFiles
internal import SystemPackage

extension Program {
  /// A script: run by what its first line names, else by bash, as a shell would run it.
  ///
  /// It is not run itself, since its file system may forbid that.
  ///
  /// - Throws: `JobError` if the script cannot be read.
  init(script path: String) throws(JobError) {
    let text: [UInt8]
    do {
      text = try readFile(FilePath(path), limit: 16 << 20)
    } catch {
      throw JobError(.system, "\(error)")
    }
    let line = text.prefix { $0 != 0x0a }
    guard line.starts(with: "#!".utf8) else {
      self.init(bash, [path])
      return
    }
    // As the kernel reads it: a program, and all of the rest as one argument.
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let words = line.dropFirst(2).drop(while: isBlank)
      .split(maxSplits: 1, omittingEmptySubsequences: true, whereSeparator: isBlank)
      .map { String(decoding: $0, as: UTF8.self).trimmingBlanksAtEnds }
      .filter { !$0.isEmpty }
    guard let interpreter = words.first else {
      self.init(bash, [path])
      return
    }
    self.init(interpreter, words.dropFirst() + [path])
  }
}

private var bash: String {
  ["/bin/bash", "/usr/bin/bash"].first { unsafe access($0, X_OK) == 0 } ?? "bash"
}

extension String {
  /// Without spaces and tabs at its ends.
  fileprivate var trimmingBlanksAtEnds: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    var rest = self[...].drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
    return String(rest)
  }
}
