/*
 * The program that ./quickstart crashes: a small order service with named threads, one of which gets a request
 * without a body and reads through a null pointer.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct item {
  const char *name;
  int quantity;
};

struct request {
  int id;
  const char *customer;
  struct item *body;
};

static int total_of(const struct item *items, int count) {
  int total = 0;
  for (int i = 0; i < count; i++)
    total += items[i].quantity;
  return total;
}

static int handle_request(const struct request *request) {
  fprintf(stderr, "request %d from %s\n", request->id, request->customer);
  if (request->body == NULL)
    fprintf(stderr, "request %d without body\n", request->id);
  return total_of(request->body, 3);
}

static void *serve(void *argument) {
  pthread_setname_np(pthread_self(), "worker-1");
  struct request request = {.id = 42, .customer = "ACME, Inc.", .body = argument};
  fprintf(stderr, "total %d\n", handle_request(&request));
  return NULL;
}

static pthread_barrier_t started;

static void *tick(void *argument) {
  pthread_setname_np(pthread_self(), "ticker");
  pthread_barrier_wait(&started);
  for (;;)
    pause();
  return argument;
}

int main(void) {
  pthread_t ticker, worker;
  pthread_barrier_init(&started, NULL, 2);
  pthread_create(&ticker, NULL, tick, NULL);
  pthread_barrier_wait(&started);
  struct item items[3] = {{"bolt", 4}, {"nut", 4}, {"washer", 8}};
  pthread_create(&worker, NULL, serve, items);
  pthread_join(worker, NULL);
  pthread_create(&worker, NULL, serve, NULL);
  pthread_join(worker, NULL);
  return 0;
}
