/* A handler that notes the signal and sends it again, as crash reporters inside of programs do. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static char last_words[80];

static void on_signal(int number) {
  strcpy(last_words, "crashed with a signal");
  signal(number, SIG_DFL);
  raise(number);
}

static int compute(const int *values, int count) {
  int total = 0;
  for (int i = 0; i < count; i++)
    total += values[i];
  return total;
}

int main(void) {
  signal(SIGSEGV, on_signal);
  return compute(NULL, 3);
}
