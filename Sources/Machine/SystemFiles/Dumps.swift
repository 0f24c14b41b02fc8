import CSystemCalls
import Glibc

/// Keeps this process's memory to itself: other processes of the user can neither trace it nor read
/// `/proc/PID/mem`, and a crash leaves no core file (`PR_SET_DUMPABLE`).
package func forbidDumps() { _ = adage_forbid_dumps() }

/// Keeps the programs that this process starts from leaving core files (`RLIMIT_CORE`): what a
/// program inherits of `forbidDumps` ends when it begins.
package func forbidCoreFiles() {
  var none = rlimit(rlim_cur: 0, rlim_max: 0)
  _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
}
