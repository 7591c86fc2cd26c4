/* A recursion without an end, with small frames: some 30,000 of them. */
#include <string.h>

static int deeper(int depth, char *text) {
  char buffer[200];
  strcpy(buffer, text);
  return deeper(depth + 1, buffer) + buffer[depth % 7];
}

static int begin(char *text) { return deeper(0, text); }

int main(void) { return begin("some text on every frame"); }
