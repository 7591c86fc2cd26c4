/* Crashes in a function of its own for every name under which it is started, so that no crash repeats another. */
#include <libgen.h>
#include <string.h>

#define CRASH(name) \
  static void crash_##name(void) { *(volatile int *)8 = 1; }
#define EACH(what) what(enabled) what(early) what(plain) what(service) what(container) what(upgrade) what(late) what(last) what(beside) what(disabled)
EACH(CRASH)

static const struct { const char *name; void (*crash)(void); } crashes[] = {
#define ENTRY(name) {#name, crash_##name},
    EACH(ENTRY)};

int main(int argc, char **argv) {
  (void)argc;
  for (unsigned at = 0; at < sizeof crashes / sizeof *crashes; at++)
    if (strcmp(crashes[at].name, basename(argv[0])) == 0) crashes[at].crash();
  return 1;
}
