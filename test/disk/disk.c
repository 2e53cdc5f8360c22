/*
 * Stands between a process and its disk (LD_PRELOAD). Writes to files in the folder WAYMARK_DISK_FOLDER are done, and told in the order
 * they were done to the file WAYMARK_DISK_JOURNAL, with every sync: from that a test makes what the disk could hold after a power cut.
 * The file WAYMARK_DISK_FAULT says what goes wrong: `full` lets no file grow (ENOSPC), `sync` fails every sync (EIO).
 *
 * A record: kind (1 byte), length of the file's name (1), offset (8), length of the data (4), name, data; numbers little-endian.
 * Kinds: 1 write, 2 sync, 3 truncation to the offset, 4 removal.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void begin(void) {
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  const char *path = getenv("WAYMARK_DISK_JOURNAL");
  if (path != NULL) journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The name of a file in the watched folder, or NULL for any other. */
static const char *watched(int fd, char *buffer, size_t size) {
  const char *folder = getenv("WAYMARK_DISK_FOLDER");
  if (folder == NULL) return NULL;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, buffer, size - 1);
  if (length <= 0) return NULL;
  buffer[length] = 0;
  size_t prefix = strlen(folder);
  if (strncmp(buffer, folder, prefix) != 0 || buffer[prefix] != '/') return NULL;
  return buffer + prefix + 1;
}

static int fault(const char *what) {
  const char *path = getenv("WAYMARK_DISK_FAULT");
  if (path == NULL) return 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[16] = {0};
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  return length > 0 && strncmp(text, what, strlen(what)) == 0;
}

static void tell(char kind, const char *name, uint64_t offset, const void *data, uint32_t length) {
  if (journal < 0) return;
  unsigned char head[14];
  uint8_t named = (uint8_t)strlen(name);
  head[0] = (unsigned char)kind;
  head[1] = named;
  memcpy(head + 2, &offset, 8);
  memcpy(head + 10, &length, 4);
  pthread_mutex_lock(&lock);
  real_write(journal, head, sizeof head);
  real_write(journal, name, named);
  if (length > 0) real_write(journal, data, length);
  pthread_mutex_unlock(&lock);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) {
  char path[4096];
  const char *name = watched(fd, path, sizeof path);
  if (name != NULL) {
    struct stat file;
    if (fault("full") && fstat(fd, &file) == 0 && offset + (off_t)length > file.st_size) {
      errno = ENOSPC;
      return -1;
    }
    tell(1, name, (uint64_t)offset, data, (uint32_t)length);
  }
  return real_pwrite(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

/* Only what is appended is told: the ledger of what was acknowledged is written so. */
ssize_t write(int fd, const void *data, size_t length) {
  char path[4096];
  const char *name = fd > 2 && fd != journal ? watched(fd, path, sizeof path) : NULL;
  if (name != NULL) {
    struct stat file;
    if (fstat(fd, &file) == 0) tell(1, name, (uint64_t)file.st_size, data, (uint32_t)length);
  }
  return real_write(fd, data, length);
}

static int synced(int fd, int (*real)(int)) {
  char path[4096];
  const char *name = watched(fd, path, sizeof path);
  if (name != NULL) {
    if (fault("sync")) {
      errno = EIO;
      return -1;
    }
    int result = real(fd);
    if (result == 0) tell(2, name, 0, NULL, 0);
    return result;
  }
  return real(fd);
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int ftruncate64(int fd, off_t length) {
  char path[4096];
  const char *name = watched(fd, path, sizeof path);
  if (name != NULL) tell(3, name, (uint64_t)length, NULL, 0);
  return real_ftruncate(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int unlink(const char *path) {
  const char *folder = getenv("WAYMARK_DISK_FOLDER");
  size_t prefix = folder == NULL ? 0 : strlen(folder);
  if (prefix > 0 && strncmp(path, folder, prefix) == 0 && path[prefix] == '/') tell(4, path + prefix + 1, 0, NULL, 0);
  return real_unlink(path);
}
