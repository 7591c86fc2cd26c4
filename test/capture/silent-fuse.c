/*
 * A file system of one file that stops answering, like a network's whose server has gone away.
 *
 *   silent-fuse DIRECTORY FILE all|reads take|leave
 *
 * Mounts itself on DIRECTORY, in which FILE's contents then are the file `file`, and prints `ready`. From the moment on
 * that somebody looks for a file called `silence` it answers no request (`all`), or no request to read (`reads`). Those
 * that it does not answer it takes all the same (`take`), and nothing can then end the processes that wait, not even
 * SIGKILL, or it leaves them with the kernel (`leave`). When this program ends, all who wait get an error.
 *
 * The protocol: Documentation/filesystems/fuse/, include/uapi/linux/fuse.h. No page is read ahead, so each one has a
 * request of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ROOT = FUSE_ROOT_ID, FILE_NODE = 2, REQUEST_BYTES = 1 << 20 };

static int device;
static char *contents;
static size_t contentsBytes;

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

static struct fuse_attr attributes_of(uint64_t node) {
  return (struct fuse_attr){
      .ino = node,
      .size = node == ROOT ? 0 : contentsBytes,
      .mode = node == ROOT ? S_IFDIR | 0755 : S_IFREG | 0755,
      .nlink = 1,
      .blksize = 4096,
  };
}

static void load(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat status;
  if (fd == -1 || fstat(fd, &status) == -1) give_up(path);
  contentsBytes = status.st_size;
  contents = malloc(contentsBytes);
  if (read(fd, contents, contentsBytes) != (ssize_t)contentsBytes) give_up(path);
  close(fd);
}

static void handle(const struct fuse_in_header *request, const void *body, int *asksForSilence) {
  switch (request->opcode) {
    case FUSE_INIT: {
      const struct fuse_init_in *offer = body;
      struct fuse_init_out reply = {
          .major = FUSE_KERNEL_VERSION,
          .minor = FUSE_KERNEL_MINOR_VERSION,
          .flags = offer->flags & FUSE_BIG_WRITES,
          .max_readahead = 0,
          .max_background = 16,
          .max_write = 4096,
      };
      return answer(request, 0, &reply, sizeof reply);
    }
    case FUSE_LOOKUP: {
      struct fuse_entry_out entry = {.nodeid = FILE_NODE, .attr = attributes_of(FILE_NODE)};
      if (strcmp(body, "silence") == 0) *asksForSilence = 1;
      return strcmp(body, "file") == 0 ? answer(request, 0, &entry, sizeof entry)
                                       : answer(request, ENOENT, NULL, 0);
    }
    case FUSE_GETATTR: {
      struct fuse_attr_out reply = {.attr = attributes_of(request->nodeid)};
      return answer(request, 0, &reply, sizeof reply);
    }
    case FUSE_OPEN: {
      struct fuse_open_out reply = {.open_flags = FOPEN_KEEP_CACHE};
      return answer(request, 0, &reply, sizeof reply);
    }
    case FUSE_READ: {
      const struct fuse_read_in *wanted = body;
      size_t from = wanted->offset < contentsBytes ? wanted->offset : contentsBytes;
      size_t rest = contentsBytes - from;
      return answer(request, 0, contents + from, wanted->size < rest ? wanted->size : rest);
    }
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
  if (argc != 5) return 2;
  const char *directory = argv[1];
  int isAllSilent = strcmp(argv[3], "all") == 0;
  int takes = strcmp(argv[4], "take") == 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  load(argv[2]);
  device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device == -1) give_up("/dev/fuse");
  char options[128];
  snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other,default_permissions",
           device);
  if (mount("silent-fuse", directory, "fuse", MS_NOSUID | MS_NODEV, options) == -1) give_up("mount");
  puts("ready");
  fflush(stdout);
  int isSilent = 0;
  char *bytes = malloc(REQUEST_BYTES);
  for (;;) {
    if (isSilent && isAllSilent && !takes) pause();
    ssize_t length = read(device, bytes, REQUEST_BYTES);
    if (length == -1 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) continue;
    /* ENODEV: it has been unmounted. */
    if (length < (ssize_t)sizeof(struct fuse_in_header)) return 0;
    const struct fuse_in_header *request = (const void *)bytes;
    if (isSilent && (isAllSilent || request->opcode == FUSE_READ)) {
      if (!takes) pause();
      continue;
    }
    handle(request, bytes + sizeof *request, &isSilent);
  }
}
