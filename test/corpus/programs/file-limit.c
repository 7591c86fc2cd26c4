/* A file larger than its limit allows. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static void save(FILE *file, const char *text, size_t bytes) {
  fwrite(text, 1, bytes, file);
  fflush(file);
}

int main(void) {
  struct rlimit limit = {16, RLIM_INFINITY};
  setrlimit(RLIMIT_FSIZE, &limit);
  const char *text = "a text that is longer than sixteen bytes";
  save(tmpfile(), text, strlen(text));
  return 0;
}
