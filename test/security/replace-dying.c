/* Kills programs in their dumps, a little later each time, and takes their numbers for a process of its own, whose memory and
   environment are not the dead one's user's to see: replace-dying VICTIM UID ROUNDS. Prints how often it had the number in time. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void spin(long ns) {
  struct timespec begin, now;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - begin.tv_sec) * 1000000000L + now.tv_nsec - begin.tv_nsec < ns);
}

static int is_dumping(pid_t pid) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  int file = open(path, O_RDONLY);
  if (file < 0) return 1;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  text[length > 0 ? length : 0] = 0;
  return strstr(text, "CoreDumping:\t1") != NULL;
}

static int take_number(pid_t pid) {
  for (int tries = 0; tries < 20; tries++) {
    int last = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);
    dprintf(last, "%d", pid - 1);
    close(last);
    pid_t other = fork();
    if (other == 0) {
      pause();
      _exit(0);
    }
    if (other == pid) spin(5000000);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    if (other == pid) return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  (void)argc;
  int taken = 0;
  uid_t user = atoi(argv[2]);
  for (int round = 0; round < atoi(argv[3]); round++) {
    pid_t pid = fork();
    if (pid == 0) {
      char *words[] = {argv[1], NULL}, *none[] = {NULL};
      if (setgid(user) == 0 && setuid(user) == 0) execve(argv[1], words, none);
      _exit(1);
    }
    while (!is_dumping(pid));
    spin(round * 200000L);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    taken += take_number(pid);
  }
  printf("%d\n", taken);
}
