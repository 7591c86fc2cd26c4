/**
 * A thread for each system call that waits, which says so whenever its call returns: nothing makes them return, so each
 * line would be something that the program sees of us. Two wait with a time limit in calls that the kernel then ends with
 * EINTR. One counts, to show that it runs.
 */
export const WAITING_CALLS = `
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static int pipes[2], sockets[2], poller, semaphores, queue, watcher;
static sigset_t none, usr2;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static struct timespec later = {1000, 0};
static struct sembuf down = {0, -1, 0};
static struct epoll_event event;
static char buffer[256];
#define WAITS(name, call) static void *name##_waits(void *unused) { \\
  prctl(PR_SET_NAME, #name); \\
  for (;;) { errno = 0; long result = (call); printf("%s %ld %s\\n", #name, result, strerror(errno)); usleep(1000); } }
WAITS(read, read(pipes[0], buffer, 1))
WAITS(recv, recv(sockets[0], buffer, 1, 0))
WAITS(poll, poll(&(struct pollfd){pipes[0], POLLIN}, 1, -1))
WAITS(poll_limit, poll(&(struct pollfd){pipes[0], POLLIN}, 1, 1000000))
WAITS(select, ({ fd_set set; FD_ZERO(&set); FD_SET(pipes[0], &set); select(pipes[0] + 1, &set, 0, 0, 0); }))
WAITS(nanosleep, nanosleep(&later, 0))
WAITS(clock, clock_nanosleep(CLOCK_MONOTONIC, 0, &later, 0))
WAITS(epoll, epoll_wait(poller, &event, 1, -1))
WAITS(epoll_mask, epoll_pwait(poller, &event, 1, -1, &none))
WAITS(sigwait, sigwaitinfo(&usr2, 0))
WAITS(semop, semop(semaphores, &down, 1))
WAITS(msgrcv, msgrcv(queue, buffer, 8, 0, 0))
WAITS(mutex, pthread_mutex_lock(&mutex))
WAITS(condition, (pthread_mutex_lock(&other), pthread_cond_wait(&condition, &other)))
WAITS(sem, sem_wait(&semaphore))
WAITS(pause, pause())
WAITS(inotify, read(watcher, buffer, sizeof buffer))
WAITS(waitpid, waitpid(-1, 0, 0))
WAITS(epoll_limit, epoll_wait(poller, &event, 1, 1000000))
WAITS(sigwait_limit, sigtimedwait(&usr2, 0, &later))
static volatile unsigned long spins;
static void *spin(void *unused) { prctl(PR_SET_NAME, "spin"); for (;;) spins++; }
int main(void) {
  setlinebuf(stdout);
  pipe(pipes); socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
  poller = epoll_create1(0); watcher = inotify_init();
  semaphores = semget(IPC_PRIVATE, 1, 0600); queue = msgget(IPC_PRIVATE, 0600);
  sigemptyset(&none); sigemptyset(&usr2); sigaddset(&usr2, SIGUSR2); pthread_sigmask(SIG_BLOCK, &usr2, 0);
  pthread_mutex_lock(&mutex); sem_init(&semaphore, 0, 0);
  pid_t child = fork();
  if (child == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); for (;;) pause(); }
  void *(*waits[])(void *) = { read_waits, recv_waits, poll_waits, poll_limit_waits, select_waits, nanosleep_waits,
    clock_waits, epoll_waits, epoll_mask_waits, sigwait_waits, semop_waits, msgrcv_waits, mutex_waits, condition_waits,
    sem_waits, pause_waits, inotify_waits, waitpid_waits, epoll_limit_waits, sigwait_limit_waits, spin };
  pthread_t thread;
  for (int number = 0; number < sizeof waits / sizeof *waits; number++) pthread_create(&thread, 0, waits[number], 0);
  usleep(100000);
  puts("ready");
  // A line on stdin ends it, after it has said how far it counted.
  for (unsigned long before = 0; fgets(buffer, sizeof buffer, stdin) != 0 && buffer[0] == 's'; before = spins)
    printf("spins %d\\n", spins != before);
  semctl(semaphores, 0, IPC_RMID); msgctl(queue, IPC_RMID, 0);
}`;
