/* 2,000 open descriptors. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static int files[2000];

int main(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 2100;
  setrlimit(RLIMIT_NOFILE, &limit);
  for (int i = 0; i < 2000; i++)
    files[i] = open("/dev/null", O_RDONLY);
  if (files[1999] < 0)
    _exit(1);
  abort();
}
