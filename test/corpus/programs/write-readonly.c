/* A write into a string constant: the address is mapped, but not for writing. */
#include <ctype.h>

static void capitalise(char *text) {
  for (char *at = text; *at != 0; at++)
    *at = toupper(*at);
}

int main(void) {
  char *greeting = (char *)"good morning";
  capitalise(greeting);
  return greeting[0];
}
