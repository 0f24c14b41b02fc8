import CSystemCalls
import Glibc

/// Keeps this process's memory to itself: other processes of the user can neither trace it nor read
/// `/proc/PID/mem`, and a crash leaves no core file (`PR_SET_DUMPABLE`).
package func forbidDumps() { _ = adage_forbid_dumps() }

/// Opens those of standard input, output and error that are closed, so that no file which is opened
/// later takes their place and receives what is meant for a person. They are open in the wrong
/// direction: to use them stays an error.
package func occupyStandardDescriptors() {
  for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 {
    // The lowest number that is free is this one.
    _ = unsafe open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
  }
}

/// Keeps the programs that this process starts from leaving core files (`RLIMIT_CORE`): what a
/// program inherits of `forbidDumps` ends when it begins.
package func forbidCoreFiles() {
  var none = rlimit(rlim_cur: 0, rlim_max: 0)
  _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
}
