/*
 * Runs a program in a container: enter-container ROOT CGROUP USERS ID PROGRAM ARGUMENT...
 *
 * CGROUP is a cgroup.procs to enter, USERS a line for uid_map and gid_map; - for none of it.
 * ID is the user and group that the program runs as inside. Prints the program's pid outside, and waits
 * for its end. What engines do: namespaces, pivot_root(2), and nothing of the old root stays.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int result, const char *what) {
  if (result >= 0) return;
  perror(what);
  _exit(2);
}

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  must(fd, path);
  must(write(fd, text, strlen(text)), path);
  close(fd);
}

static void enter_root(const char *root) {
  must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "slave");
  must(mount(root, root, NULL, MS_BIND | MS_REC, NULL), "bind");
  must(chdir(root), root);
  // Before the old one is gone: whoever is not root may mount no other, mount_namespaces(7).
  must(mount("proc", "proc", "proc", 0, NULL), "proc");
  must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(umount2(".", MNT_DETACH), "umount");
  must(chdir("/"), "/");
}

/* Forgotten when ids change: prctl(2). */
static void end_with_parent(void) { must(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl"); }

static int run(char **argv, int has_users) {
  end_with_parent();
  if (has_users) {
    must(unshare(CLONE_NEWUSER), "user namespace");
    raise(SIGSTOP);
    must(setgroups(0, NULL), "setgroups");
    must(setresgid(0, 0, 0), "setresgid");
    must(setresuid(0, 0, 0), "setresuid");
  }
  must(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC), "namespaces");
  end_with_parent();
  pid_t inner = fork();
  must(inner, "fork");
  if (inner == 0) {
    end_with_parent();
    enter_root(argv[1]);
    int id = atoi(argv[4]);
    must(setresgid(id, id, id), "setresgid");
    must(setresuid(id, id, id), "setresuid");
    execv(argv[5], argv + 5);
    must(-1, argv[5]);
  }
  printf("%d\n", inner);
  fflush(stdout);
  return waitpid(inner, NULL, 0) == inner ? 0 : 2;
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  int has_users = strcmp(argv[3], "-") != 0;
  if (strcmp(argv[2], "-") != 0) put(argv[2], "0");
  pid_t middle = fork();
  must(middle, "fork");
  if (middle == 0) _exit(run(argv, has_users));
  int status;
  waitpid(middle, &status, WUNTRACED);
  if (WIFSTOPPED(status)) {
    char path[64];
    for (int group = 0; group < 2; group++) {
      snprintf(path, sizeof path, "/proc/%d/%cid_map", middle, "ug"[group]);
      put(path, argv[3]);
    }
    kill(middle, SIGCONT);
    waitpid(middle, &status, 0);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
