/* A mapped file that was cut behind the mapping's back. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct header {
  char magic[8];
  long count;
};

static long count_of(const struct header *header) { return header->count; }

int main(void) {
  char name[] = "/tmp/bus-XXXXXX";
  int fd = mkstemp(name);
  unlink(name);
  ftruncate(fd, 8192);
  struct header *header = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  strcpy(header->magic, "a file");
  ftruncate(fd, 0);
  return count_of(header);
}
