/* The first thread has ended; another one crashes. */
#include <pthread.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

static void *work(void *argument) {
  usleep(20000);
  char *text = argument;
  *(volatile char *)0 = text[0];
  return NULL;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, work, strdup("given to the thread"));
  pthread_exit(NULL);
}
