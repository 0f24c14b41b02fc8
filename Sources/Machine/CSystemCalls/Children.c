#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

// Only async-signal-safe functions may be called from the handler, so this is C.

static int told = -1;

static void tell(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe has told enough.
  ssize_t written = write(told, &byte, 1);
  (void)written;
  errno = saved;
}

static int handle(int number, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, NULL);
}

int adage_tell_signals(void) {
  static int ends[2] = {-1, -1};
  if (ends[0] >= 0) return ends[0];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
  told = ends[1];
  static const int numbers[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
  for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    struct sigaction old;
    // What whoever started this process wants ignored stays so, but for the ends of children.
    if (numbers[index] != SIGCHLD && sigaction(numbers[index], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    handle(numbers[index], tell);
  }
  return ends[0];
}

void adage_end_by_signal(int number) {
  handle(number, SIG_DFL);
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, number);
  pthread_sigmask(SIG_UNBLOCK, &own, NULL);
  raise(number);
}

int adage_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
