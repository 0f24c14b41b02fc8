#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// Only async-signal-safe functions may be called from the handlers, so this is C: a Swift function may allocate or
// initialise something at any point.

static char *volatile unfinished;

static int terminal;
static const char *question;
static struct termios before, quiet;
static volatile sig_atomic_t is_quiet, is_asking, was_resumed;

static void set_mode(const struct termios *mode) {
  while (tcsetattr(terminal, TCSANOW, mode) != 0 && errno == EINTR) continue;
}

static void say(const char *text) {
  ssize_t written = write(terminal, text, strlen(text));
  (void)written;
}

static void handle(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

/// Undoes what must not stay, and lets the signal do what it does.
static void leave(int number) {
  int saved = errno;
  if (is_quiet) {
    is_quiet = 0;
    // In the background, too: the terminal is as this process has left it.
    handle(SIGTTOU, SIG_IGN, 0);
    set_mode(&before);
    say("\n");
  }
  const char *path = unfinished;
  if (path) unlink(path);
  handle(number, SIG_DFL, 0);
  // It waits until this handler returns.
  raise(number);
  errno = saved;
}

/// Asks again, once the process continues.
static void resume(int number) {
  (void)number;
  int saved = errno;
  if (is_asking && !is_quiet) {
    is_quiet = 1;
    was_resumed = 1;
    set_mode(&quiet);
    say(question);
  }
  errno = saved;
}

/// Lets the process stop with the terminal as it was.
static void stop(int number) {
  int saved = errno;
  if (is_quiet) {
    is_quiet = 0;
    set_mode(&before);
    say("\n");
  }
  handle(number, SIG_DFL, 0);
  sigset_t own, mask;
  sigemptyset(&own);
  sigaddset(&own, number);
  raise(number);
  // Here the process stops, unless nobody could continue it.
  pthread_sigmask(SIG_UNBLOCK, &own, &mask);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  handle(number, stop, SA_RESTART);
  resume(number);
  errno = saved;
}

/// Installs a handler unless whoever started this process wants the signal ignored.
static void handle_unless_ignored(int number, void (*handler)(int), int flags) {
  struct sigaction old;
  if (sigaction(number, NULL, &old) == 0 && ((old.sa_flags & SA_SIGINFO) || old.sa_handler != SIG_IGN))
    handle(number, handler, flags);
}

static void handle_ends(void) {
  static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXCPU, SIGXFSZ};
  for (size_t index = 0; index < sizeof ends / sizeof *ends; index++) handle_unless_ignored(ends[index], leave, 0);
}

void adage_remove_if_interrupted(const char *path) {
  char *old = unfinished;
  unfinished = NULL;
  free(old);
  if (!path) return;
  handle_ends();
  unfinished = strdup(path);
}

int adage_terminal_begin(int descriptor, const char *text, struct adage_terminal_keys *keys) {
  if (tcgetattr(descriptor, &before) != 0) return -1;
  quiet = before;
  // Signals stay: Ctrl-C is the terminal's. Lines do not: the kernel's end after 4095 bytes.
  quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
  quiet.c_iflag &= ~(tcflag_t)(IXON | ISTRIP);
  quiet.c_cc[VMIN] = 1;
  quiet.c_cc[VTIME] = 0;
  keys->erase = before.c_cc[VERASE];
  keys->kill = before.c_cc[VKILL];
  keys->erase_word = before.c_cc[VWERASE];
  keys->end = before.c_cc[VEOF];
  terminal = descriptor;
  question = text;
  handle_ends();
  handle_unless_ignored(SIGTSTP, stop, SA_RESTART);
  handle_unless_ignored(SIGCONT, resume, SA_RESTART);
  was_resumed = 0;
  is_quiet = 1;
  is_asking = 1;
  set_mode(&quiet);
  say(text);
  return 0;
}

int adage_terminal_was_resumed(void) {
  int result = was_resumed;
  was_resumed = 0;
  return result;
}

void adage_terminal_end(void) {
  is_asking = 0;
  set_mode(&before);
  is_quiet = 0;
}
