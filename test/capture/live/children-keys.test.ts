import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { captureLive } from '../../../capture/live/capture-live.ts';
import { closeModules } from '../../../capture/open-modules.ts';
import { compile, start, testDirectory, until } from '../../debugger/live-program.ts';

/**
 * Children crash one after the other, in a function whose caller has room for what others have left on the stack. Their handler
 * never ends, so that each can be looked at without core_pattern.
 */
const SOURCE = `
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void handler(int signal) { write(1, "ready\\n", 6); for (;;) pause(); }
static int fail(volatile int *place) { return *place; }
static int with_room(volatile int *place) {
  char room[2048];
  if (place != NULL) memset(room, 1, sizeof room);
  return fail(place) + room[1];
}
int main(int count, char **words) {
  signal(SIGSEGV, handler);
  for (int child = 0; child < 3; child++) {
    if (fork() == 0) return with_room(NULL);
    wait(NULL);
    fprintf(stderr, "%d %g\\n", child, 1.5);
  }
}`;

/** Number of pause(2) on x86-64: asm/unistd_64.h. */
const PAUSE = '34 ';

const childOf = (pid: number) => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'));

test('the first child that a process forks has the quick key of later ones, wherever its strings lie', async (t) => {
  const keys = new Map<string, string[]>();
  const program = compile(testDirectory(t), 'children.c', SOURCE);
  // The argument 3 looks like the user's code segment where it begins a word.
  for (let length = 0; length < 8; length += 1) {
    const { pid, lines, said } = await start(t, program, ['x'.repeat(length), '3']);
    for (let child = 0; child < 3; child += 1) {
      await said('ready');
      lines.length = 0;
      const own = childOf(pid);
      await until('it pauses', () => readFileSync(`/proc/${own}/syscall`, 'latin1').startsWith(PAUSE));
      const { captured } = captureLive({ pid: own, tid: own, budgetBytes: 1024 * 1024 });
      closeModules(captured.modules);
      const same = keys.get(captured.quickKey) ?? [];
      keys.set(captured.quickKey, [...same, `${length}: child ${child}`]);
      process.kill(own, 'SIGKILL');
    }
  }
  assert.equal(keys.size, 1, JSON.stringify([...keys]));
});
