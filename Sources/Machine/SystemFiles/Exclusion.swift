import Glibc
import SystemPackage

extension DirectoryDescriptor {
  /// Takes the directory's own lock (`flock`) until this descriptor is closed; if another process
  /// holds it, calls `onWait` once and waits. A file system without locks has nothing to wait for.
  package func lock(onWait: () -> Void = {}) throws(SystemFilesError) {
    do {
      try call("lock", path) { flock(raw, LOCK_EX | LOCK_NB) }
    } catch let error where error.errno == .wouldBlock {
      onWait()
      try call("lock", path) { flock(raw, LOCK_EX) }
    } catch let error where error.errno == .noLocks || error.errno == .notSupported {
      return
    }
  }
}

/// Lets nothing interrupt the body: signals that would end this process end it afterwards.
///
/// Threads that were there before and do not block these signals are not protected from them.
package func deferringSignals<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  var signals = sigset_t()
  var before = sigset_t()
  unsafe sigemptyset(&signals)
  for number in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] { unsafe sigaddset(&signals, number) }
  unsafe pthread_sigmask(SIG_BLOCK, &signals, &before)
  defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
  return try body()
}
