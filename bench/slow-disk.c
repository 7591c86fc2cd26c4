/*
 * A disk in memory whose synchronisation takes its time: slow-disk FILE MIB MILLISECONDS
 *
 * Mounts itself on FILE, which then is as large as the disk and can be given to a loop device: a flush of that is an
 * fsync here. Prints `ready`. Everything is gone when this program ends.
 *
 * The protocol: Documentation/filesystems/fuse/, include/uapi/linux/fuse.h. The one node is the root, and is a file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE_BYTES = 128 << 10, REQUEST_BYTES = 1 << 20 };

static int device;
static char *disk;
static size_t diskBytes;
static struct timespec syncTime;

static void give_up(const char *what) {
  perror(what);
  exit(1);
}

static void answer(const struct fuse_in_header *request, int error, const void *body, size_t bytes) {
  struct fuse_out_header header = {.len = sizeof header + bytes, .error = -error, .unique = request->unique};
  struct iovec parts[] = {{&header, sizeof header}, {(void *)body, bytes}};
  /* ENOENT: whoever asked has been killed meanwhile. */
  if (writev(device, parts, 2) == -1 && errno != ENOENT) give_up("answer");
}

static void handle(const struct fuse_in_header *request, const void *body) {
  switch (request->opcode) {
    case FUSE_INIT: {
      const struct fuse_init_in *offer = body;
      struct fuse_init_out reply = {
          .major = FUSE_KERNEL_VERSION,
          .minor = FUSE_KERNEL_MINOR_VERSION,
          .flags = offer->flags & FUSE_BIG_WRITES,
          .max_readahead = WRITE_BYTES,
          .max_background = 16,
          .max_write = WRITE_BYTES,
      };
      return answer(request, 0, &reply, sizeof reply);
    }
    case FUSE_GETATTR:
    case FUSE_SETATTR: {
      struct fuse_attr_out reply = {
          .attr_valid = 3600,
          .attr = {.ino = FUSE_ROOT_ID, .size = diskBytes, .mode = S_IFREG | 0600, .nlink = 1, .blksize = 4096},
      };
      return answer(request, 0, &reply, sizeof reply);
    }
    case FUSE_OPEN: {
      struct fuse_open_out reply = {.open_flags = FOPEN_KEEP_CACHE};
      return answer(request, 0, &reply, sizeof reply);
    }
    case FUSE_READ: {
      const struct fuse_read_in *wanted = body;
      size_t from = wanted->offset < diskBytes ? wanted->offset : diskBytes;
      size_t rest = diskBytes - from;
      return answer(request, 0, disk + from, wanted->size < rest ? wanted->size : rest);
    }
    case FUSE_WRITE: {
      const struct fuse_write_in *given = body;
      if (given->offset > diskBytes || given->size > diskBytes - given->offset)
        return answer(request, ENOSPC, NULL, 0);
      memcpy(disk + given->offset, given + 1, given->size);
      struct fuse_write_out reply = {.size = given->size};
      return answer(request, 0, &reply, sizeof reply);
    }
    case FUSE_FSYNC:
      nanosleep(&syncTime, NULL);
      return answer(request, 0, NULL, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
      return;
    case FUSE_RELEASE:
    case FUSE_FLUSH:
    case FUSE_DESTROY:
      return answer(request, 0, NULL, 0);
    default:
      return answer(request, ENOSYS, NULL, 0);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  diskBytes = (size_t)atoi(argv[2]) << 20;
  long milliseconds = atol(argv[3]);
  syncTime = (struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  disk = mmap(NULL, diskBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (disk == MAP_FAILED) give_up("mmap");
  device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device == -1) give_up("/dev/fuse");
  char options[128];
  snprintf(options, sizeof options, "fd=%d,rootmode=100600,user_id=0,group_id=0", device);
  if (mount("slow-disk", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) == -1) give_up("mount");
  puts("ready");
  fflush(stdout);
  char *bytes = malloc(REQUEST_BYTES);
  for (;;) {
    ssize_t length = read(device, bytes, REQUEST_BYTES);
    if (length == -1 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) continue;
    /* ENODEV: it has been unmounted. */
    if (length < (ssize_t)sizeof(struct fuse_in_header)) return 0;
    const struct fuse_in_header *request = (const void *)bytes;
    handle(request, bytes + sizeof *request);
  }
}
