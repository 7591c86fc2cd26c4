// A process that knows for how long it was stopped: paused THREADS
//
// One thread looks at the clock without end; the others wait, in a call that a debugger disturbs. For each line on stdin
// it prints the longest time in microseconds that the clock has jumped since the last line, and how many calls of the
// others have returned since then.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

static atomic_long longest, returned;

static long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static void *look(void *unused) {
  for (long last = now_us();;) {
    long now = now_us();
    if (now - last > longest) longest = now - last;
    last = now;
  }
}

static void *wait_for_ever(void *unused) {
  struct epoll_event event;
  for (int poller = epoll_create1(0);;) {
    epoll_wait(poller, &event, 1, -1);
    returned++;
  }
}

int main(int count, char **words) {
  char line[16];
  pthread_t thread;
  for (int number = atoi(words[1]); number > 2; number--) pthread_create(&thread, 0, wait_for_ever, 0);
  pthread_create(&thread, 0, look, 0);
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != 0) {
    printf("%ld %ld\n", atomic_exchange(&longest, 0), atomic_exchange(&returned, 0));
    fflush(stdout);
  }
}
