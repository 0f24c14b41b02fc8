#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

const int adage_o_path = O_PATH;

int adage_syncfs(int descriptor) { return syncfs(descriptor); }

int adage_file_system(int descriptor, uint64_t *magic) {
  struct statfs status;
  int result = fstatfs(descriptor, &status);
  if (result == 0) *magic = (uint64_t)(uint32_t)status.f_type;
  return result;
}

int adage_mount_of(int descriptor, uint64_t *mount, int *is_root) {
  struct statx status;
  int result = statx(descriptor, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_MNT_ID, &status);
  if (result != 0) return result;
  if (!(status.stx_mask & STATX_MNT_ID) || !(status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)) {
    errno = ENOSYS;
    return -1;
  }
  *mount = status.stx_mnt_id;
  *is_root = (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  return 0;
}

int adage_chown_link(int directory, const char *name, uint32_t owner, uint32_t group) {
  int link = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (link < 0) return -1;
  struct stat status;
  int result = fstat(link, &status);
  if (result == 0 && !S_ISLNK(status.st_mode)) {
    errno = EEXIST;
    result = -1;
  }
  if (result == 0) result = fchownat(link, "", owner, group, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
  int failure = errno;
  close(link);
  errno = failure;
  return result;
}

int adage_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

ssize_t adage_random(void *buffer, size_t count) { return getrandom(buffer, count, 0); }

int adage_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
