// The system calls that Swift's Glibc module lacks because it is built without _GNU_SOURCE.
#ifndef ADAGE_SYSTEM_CALLS_H
#define ADAGE_SYSTEM_CALLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// O_PATH of open(2).
extern const int adage_o_path;

/// syncfs(2).
int adage_syncfs(int descriptor);

/// The f_type of fstatfs(2) in *magic.
int adage_file_system(int descriptor, uint64_t *magic);

/// statx(2): the mount that holds the descriptor, and whether the descriptor is that mount's root.
int adage_mount_of(int descriptor, uint64_t *mount, int *is_root);

/// fchownat(2) of a link by a descriptor of its own, so that nothing else that has its name by now is given away;
/// EEXIST if it is no link.
int adage_chown_link(int directory, const char *name, uint32_t owner, uint32_t group);

/// pipe2(2) with O_CLOEXEC.
int adage_pipe(int *ends);

/// getrandom(2) without flags.
ssize_t adage_random(void *buffer, size_t count);

/// prctl(2): PR_SET_DUMPABLE to 0.
int adage_forbid_dumps(void);

/// memfd_create(2) with MFD_CLOEXEC.
int adage_memory_file(const char *name);

/// From now on signals that would end this process, and ends of its children, are told as bytes, their numbers,
/// through a descriptor that never blocks; -1 if there can be none. Once for a process.
int adage_tell_signals(void);

/// Lets a signal end this process as if it had not been told.
void adage_end_by_signal(int number);

/// Removes the file at a path if a signal ends this process; NULL for no file.
void adage_remove_if_interrupted(const char *path);

/// The characters with which a terminal's owner edits a line.
struct adage_terminal_keys {
  unsigned char erase, kill, erase_word, end;
};

/// Shows a text on a terminal and lets it neither echo nor gather lines, until `adage_terminal_end`.
///
/// A signal that ends or stops the process before that gives the terminal its mode back; a process that continues
/// shows the text again, which must stay where it is. One terminal at a time.
int adage_terminal_begin(int descriptor, const char *text, struct adage_terminal_keys *keys);

/// Whether the text was shown again since this was called last.
int adage_terminal_was_resumed(void);

/// Gives the terminal its mode back.
void adage_terminal_end(void);

#endif
