/*
 * Crashes children of a given size and tells how long each stayed unreaped: crasher MIB THREADS RUNS
 *
 * A child touches MIB mebibytes, starts THREADS threads in all, notes the time and writes through a null pointer. The
 * parent waits for it as a service manager would. A line a run: microseconds from the crash to the return of
 * waitpid(2), then CLOCK_REALTIME of the crash in microseconds, and its pid.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t microseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void *wait_forever(void *argument) {
  pthread_barrier_wait(argument);
  for (;;)
    pause();
}

static void crash(uint64_t *times) {
  volatile int *null = NULL;
  times[1] = microseconds(CLOCK_REALTIME);
  times[0] = microseconds(CLOCK_MONOTONIC);
  *null = 1;
}

int main(int argc, char **argv) {
  if (argc != 4)
    return 2;
  size_t bytes = (size_t)atoi(argv[1]) << 20;
  int threads = atoi(argv[2]);
  uint64_t *times = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int run = 0; run < atoi(argv[3]); run++) {
    pid_t pid = fork();
    if (pid == 0) {
      char *memory = malloc(bytes);
      memset(memory, 0x5a, bytes);
      pthread_barrier_t started;
      pthread_barrier_init(&started, NULL, (unsigned)threads);
      for (int i = 1; i < threads; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, wait_forever, &started);
      }
      pthread_barrier_wait(&started);
      crash(times);
    }
    int status;
    waitpid(pid, &status, 0);
    uint64_t reaped = microseconds(CLOCK_MONOTONIC);
    printf("%llu %llu %d\n", (unsigned long long)(reaped - times[0]), (unsigned long long)times[1], pid);
    fflush(stdout);
  }
  return 0;
}
