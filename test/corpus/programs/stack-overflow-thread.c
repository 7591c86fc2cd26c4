/* Two functions that call each other without an end, in a thread with a stack of 1 MiB. */
#include <pthread.h>
#include <string.h>

static int even(int depth, const char *text);

static int odd(int depth, const char *text) {
  char buffer[72];
  strcpy(buffer, text);
  return even(depth + 1, buffer) + buffer[1];
}

static int even(int depth, const char *text) {
  char buffer[40];
  strcpy(buffer, text);
  return odd(depth + 1, buffer) + buffer[2];
}

static void *work(void *argument) { return (void *)(long)odd(0, argument); }

int main(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 20);
  pthread_t thread;
  pthread_create(&thread, &attributes, work, "text");
  return pthread_join(thread, NULL);
}
