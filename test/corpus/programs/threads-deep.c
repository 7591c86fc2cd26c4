/* Threads that wait at the inner end of a deep recursion, 160 KiB of stack each. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef COUNT
#define COUNT 1000
#endif

static pthread_barrier_t ready;

static int descend(int number, int left) {
  char text[300];
  memset(text, number, sizeof text);
  if (left == 0) {
    pthread_barrier_wait(&ready);
    for (;;)
      pause();
  }
  return descend(number, left - 1) + text[left % 300];
}

static void *work(void *argument) { return (void *)(long)descend((int)(long)argument, 400); }

int main(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_barrier_init(&ready, NULL, COUNT + 1);
  for (long i = 0; i < COUNT; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, work, (void *)i) != 0)
      return 1;
  }
  pthread_barrier_wait(&ready);
  abort();
}
