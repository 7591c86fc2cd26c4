/**
 * Whether a line of the kernel's log is about a process: `app[4242]: segfault at 0`, `1825(storm): over
 * core_pipe_limit`, `CPU: 1 PID: 4242 Comm: app`, `Killed process 4242 (app)`, `pid=4242`. A bare number may be anything.
 *
 * @param ids The process's id and, as the kernel names the thread that faulted, that thread's; initial pid namespace.
 */
export function namesProcess(line: string, ids: readonly number[]): boolean {
  const id = `(?:${ids.join('|')})`;
  return new RegExp(`\\[${id}\\]|\\b${id}\\(|\\b(?:pid|tid|process|task)[ =:]{1,2}${id}\\b`, 'i').test(line);
}

/** Whether a line is the second half of the kernel's word on a fault: `Code: 48 ba 5c ...`, which names nobody. */
export function isCodeLine(line: string): boolean {
  return line.startsWith('Code: ');
}
