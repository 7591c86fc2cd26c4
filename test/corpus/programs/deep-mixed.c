// 10,001 optimised calls, which keep no frame pointer and leave that register alone, between functions that keep one.
#include <stdlib.h>
#include <string.h>

#define KEEPS_FRAME_POINTER __attribute__((noinline, optimize("O0", "no-omit-frame-pointer")))

KEEPS_FRAME_POINTER int fail(int left) {
  abort();
  return left;
}

__attribute__((noinline)) int even(int left);

__attribute__((noinline)) int odd(int left) {
  long numbers[11];
  numbers[left % 11] = left;
  int result = left == 0 ? fail(left) : even(left - 1);
  return result + (int)numbers[left % 11];
}

__attribute__((noinline)) int even(int left) {
  char text[50];
  memset(text, left, sizeof text);
  int result = left == 0 ? fail(left) : odd(left - 1);
  return result + text[left % 50];
}

KEEPS_FRAME_POINTER int main(void) { return even(10000); }
