/* Threads with large arrays between the frame that waits and the one that says what the thread is for. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_barrier_t ready;

struct connection {
  int number;
  char *peer;
};

static void receive(struct connection *connection, char *buffer, size_t bytes) {
  memset(buffer, connection->number, bytes);
  pthread_barrier_wait(&ready);
  for (;;)
    pause();
}

static void serve(struct connection *connection) {
  char buffer[48 * 1024];
  receive(connection, buffer, sizeof buffer);
}

static void *work(void *argument) {
  struct connection own = {(int)(long)argument, malloc(32)};
  snprintf(own.peer, 32, "peer number %d", own.number);
  serve(&own);
  return NULL;
}

int main(void) {
  pthread_barrier_init(&ready, NULL, 6);
  for (long i = 0; i < 5; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, work, (void *)i);
  }
  pthread_barrier_wait(&ready);
  usleep(20000);
  abort();
}
