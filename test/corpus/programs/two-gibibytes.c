/* 2 GiB of memory, a table into it, ten threads. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCKS 2048
#define BLOCK_BYTES (1024 * 1024)

struct block {
  int number;
  struct block *next;
  char name[16];
};

static struct block *blocks[BLOCKS];

static int look(struct block *block, const char *name) {
  struct block *next = block->next;
  return next->next->number + name[0];
}

static void *wait_here(void *argument) {
  struct block *own = argument;
  for (;;)
    pause();
  return own;
}

int main(void) {
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = malloc(BLOCK_BYTES);
    memset(blocks[i], i, BLOCK_BYTES);
    *blocks[i] = (struct block){i, i == 0 ? NULL : blocks[i - 1], "a block"};
  }
  for (int i = 0; i < 9; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, wait_here, blocks[i * 100]);
  }
  usleep(20000);
  return look(blocks[1], blocks[2]->name);
}
