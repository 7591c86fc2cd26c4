/* COUNT threads with names, memory and thread-local variables of their own that wait while the first one aborts. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_barrier_t ready;
static __thread int mine = 3;

static void wait_here(const char *name, int number) {
  char local[100];
  strcpy(local, name);
  mine = number;
  pthread_barrier_wait(&ready);
  for (;;)
    pause();
}

static void *work(void *argument) {
  char *name = malloc(40);
  snprintf(name, 40, "the name of worker %d", *(int *)argument);
  pthread_setname_np(pthread_self(), name + 12);
  wait_here(name, *(int *)argument);
  return NULL;
}

int main(void) {
  int count = COUNT;
  pthread_t *threads = calloc(count, sizeof *threads);
  int *numbers = calloc(count, sizeof *numbers);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_barrier_init(&ready, NULL, count + 1);
  for (int i = 0; i < count; i++) {
    numbers[i] = i;
    pthread_create(&threads[i], &attributes, work, &numbers[i]);
  }
  pthread_barrier_wait(&ready);
  usleep(20000);
  abort();
}
