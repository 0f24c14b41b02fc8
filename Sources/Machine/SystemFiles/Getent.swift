import CSystemCalls
import Glibc
internal import SystemPackage

/// What `getent TABLE KEY` prints; empty if it finds nothing or is not there.
///
/// It runs from its usual places alone, with an environment of its own.
func getent(_ table: String, _ key: String) throws(SystemFilesError) -> String {
  guard !key.isEmpty, !key.hasPrefix("-"),
    let program = ["/usr/bin/getent", "/bin/getent"].first(where: isExecutable)
  else { return "" }
  var ends: [Int32] = [-1, -1]
  try call("make pipe for", FilePath(program)) { unsafe adage_pipe(&ends) }
  defer { _ = close(ends[0]) }
  let started = Result { () throws(SystemFilesError) in
    try start(program, [program, table, key], output: ends[1])
  }
  _ = close(ends[1])
  let process = try started.get()
  var answer: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = unsafe read(ends[0], &part, part.count)
    if count > 0 {
      answer += part[..<count]
    } else if count == 0 || errno != EINTR {
      break
    }
  }
  var status: Int32 = 0
  while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
  return status == 0 ? String(decoding: answer, as: UTF8.self) : ""
}

/// `posix_spawn` with nothing to read, errors to nowhere, and no environment but a path.
private func start(
  _ program: String, _ arguments: [String], output: Int32
) throws(SystemFilesError) -> pid_t {
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
  unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
  var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
  var environment = unsafe [strdup("PATH=/usr/bin:/bin"), nil]
  let texts = unsafe words + environment
  defer { for index in unsafe texts.indices { unsafe free(texts[index]) } }
  var process: pid_t = 0
  let number = unsafe posix_spawn(&process, program, &actions, nil, &words, &environment)
  guard number == 0 else {
    throw SystemFilesError("run", FilePath(program), Errno(rawValue: number))
  }
  return process
}

private func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }
