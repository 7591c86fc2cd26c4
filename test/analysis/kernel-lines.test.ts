import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesProcess } from '../../analysis/kernel-lines.ts';

const LINES_ABOUT_4242 = [
  'app[4242]: segfault at 0 ip 000055ceaf1f41c0 sp 00007ffffc788ed0 error 4 in a[11c0,55ceaf1f4000+1000]',
  'traps: app[4242] general protection fault ip:401126 sp:7ffd error:0 in app[401000+1000]',
  'app[4242]: bad frame in rt_sigreturn frame:00000000deadbeef',
  'coredump: 4242(app): over core_pipe_limit, skipping core dump',
  'Out of memory: Killed process 4242 (app) total-vm:1024kB',
  'CPU: 1 PID: 4242 Comm: app Not tainted 6.1.0',
  'oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/x,task=app,pid=4242,uid=0',
  'INFO: task app:4242 blocked, pid:4242',
];

test('namesProcess() knows the ways in which the kernel names a process', () => {
  for (const line of LINES_ABOUT_4242) assert.ok(namesProcess(line, [4242]), line);
  assert.ok(namesProcess('worker[4245]: segfault at 0', [4242, 4245]), 'by its thread');
});

test('namesProcess() takes no other number for the process', () => {
  for (const line of LINES_ABOUT_4242) {
    for (const other of [424, 242, 42420, 14242]) assert.ok(!namesProcess(line, [other]), `${line} ${other}`);
  }
  assert.ok(!namesProcess('EXT4-fs (sda1): 4242 orphan inodes deleted, error 4242', [4242]));
});
