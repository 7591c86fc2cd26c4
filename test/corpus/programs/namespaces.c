/* Crashes in pid and mount namespaces of its own, where its executable lies below another path; tells its pid outside. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static void *wait_here(void *argument) {
  pthread_setname_np(pthread_self(), "inner thread");
  for (;;)
    pause();
  return argument;
}

static int inside(const char *text) {
  pthread_t thread;
  pthread_create(&thread, NULL, wait_here, "a thread");
  usleep(20000);
  return *(volatile int *)0 + getpid() + text[0];
}

int main(int argc, char **argv) {
  unshare(CLONE_NEWPID | CLONE_NEWNS);
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  pid_t pid = fork();
  if (pid == 0) {
    mount("none", "/mnt", "tmpfs", 0, NULL);
    return inside(strdup("in here"));
  }
  printf("%d\n", pid);
  fflush(stdout);
  waitpid(pid, NULL, 0);
  return 0;
}
