/** Memory that is given, page by page, by somebody who never gives it: userfaultfd(2). */
const HOLD = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
extern char **environ;
/* A child is to answer and does not; on SIGTERM it gives up, and whoever waits goes on. Its pid goes into a file. */
static void hold(char *from, char *to, const char *pidFile) {
  int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
  struct uffdio_api api = {.api = UFFD_API};
  struct uffdio_register registered = {.range = {(long)from, to - from}, .mode = UFFDIO_REGISTER_MODE_MISSING};
  if (uffd == -1 || ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &registered)) exit(3);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  int child = fork(), got;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigwait(&signals, &got);
    ioctl(uffd, UFFDIO_UNREGISTER, &registered.range);
    _exit(0);
  }
  FILE *file = fopen(pidFile, "w");
  fprintf(file, "%d", child);
  fclose(file);
}
struct item { int number; char *label; struct item *next; };
static int fail(struct item *item, char *text, int depth) {
  if (depth > 0) return fail(item, text, depth - 1) + 1;
  return *(volatile int *)0 + text[0] + item->number;
}
`;

/**
 * Registers and stack point into pages that nobody gives.
 *
 *   region PIDFILE
 */
export const REGION = `${HOLD}
int main(int argc, char **argv) {
  char *region = mmap(0, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  region[0] = 1;
  hold(region, region + 64 * 4096, argv[1]);
  return fail((struct item *)(region + 5 * 4096), region + 9 * 4096 + 100, 3);
}`;

/**
 * The pages of its arguments and its environment are thrown away, and nobody gives them again. Both must be longer than
 * some pages.
 *
 *   strings PIDFILE LONG
 */
export const STRINGS = `${HOLD}
int main(int argc, char **argv) {
  char *last = argv[argc - 1];
  for (char **variable = environ; *variable; variable++) last = *variable;
  char *from = (char *)(((long)argv[0] + 4095) & -4096L), *to = (char *)((long)last & -4096L);
  char pidFile[4096];
  strcpy(pidFile, argv[1]);
  madvise(from, to - from, MADV_DONTNEED);
  hold(from, to, pidFile);
  struct item item = {1, "a label", NULL};
  return fail(&item, "a text", 3);
}`;

/** What the kernel writes before the mapped file: more than its pipe holds, so that it never comes to that file. */
const FILLER = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
static char filler[1 << 20];
`;

/**
 * Maps a file, private and shared, both to be dumped, of which it has touched the first page; its registers and its stack
 * point into the others.
 *
 *   mapping FILE SILENCE
 */
export const MAPPING = `${FILLER}
static int fail(char *private, char *shared, int depth) {
  char *behind[2] = {private + 4096, shared + 4096};
  if (depth > 0) return fail(private, shared, depth - 1) + behind[0][0];
  return *(volatile int *)0 + private[0] + shared[0];
}
int main(int argc, char **argv) {
  memset(filler, 1, sizeof filler);
  int filter = open("/proc/self/coredump_filter", O_WRONLY), fd = open(argv[1], O_RDONLY);
  write(filter, "0x7f", 4);
  char *private = mmap(0, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  char *shared = mmap(0, 16 * 4096, PROT_READ, MAP_SHARED, fd, 0);
  private[0] = shared[0];
  close(fd); /* Or the kernel would wait for the file system when the process ends. */
  access(argv[2], F_OK);
  return fail(private + 3 * 4096 + 64, shared + 5 * 4096 + 64, 3);
}`;

/**
 * The same after so many other mappings that the kernel leaves the list of mapped files, NT_FILE, out of the core: it would
 * be over 4 MiB (core_file_note_size_limit).
 *
 *   crowded FILE SILENCE
 */
export const CROWDED = MAPPING.replace(
  'memset(filler, 1, sizeof filler);',
  `memset(filler, 1, sizeof filler);
  char name[250];
  memset(name, 'n', sizeof name);
  name[249] = 0;
  int other = open(name, O_RDWR | O_CREAT, 0600);
  ftruncate(other, 4096);
  for (int i = 0; i < 17000; i++) mmap(0, 4096, PROT_READ, MAP_PRIVATE, other, 0);`,
);

/**
 * Is itself the file: pages of its own that it has not used stay away.
 *
 *   executable SILENCE
 */
export const EXECUTABLE = `${FILLER}
static int fail(char *text, int depth) {
  if (depth > 0) return fail(text, depth - 1) + 1;
  return *(volatile int *)0 + text[0];
}
int main(int argc, char **argv) {
  char text[] = "a text";
  memset(filler, 1, sizeof filler);
  access(argv[1], F_OK);
  return fail(text, 3);
}`;
