import { existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Captured, OpenDescriptor } from '../../capture/captured.ts';
import { parseMaps } from '../../capture/proc/parse-maps.ts';
import { readProcessNamespaces } from '../../capture/process-namespaces.ts';

/**
 * What capture would have handed on for a process that is alive now: its real /proc, with registers that point to the
 * beginning of its executable and of its stack. Only the notes of a core are made up.
 */
export function capturedProcess(pid: number): Captured {
  const read = (name: string) =>
    existsSync(`/proc/${pid}/${name}`) ? readFileSync(`/proc/${pid}/${name}`) : null;
  const link = (name: string) => readlinkSync(`/proc/${pid}/${name}`, 'buffer');
  const maps = [...parseMaps(read('maps') ?? Buffer.alloc(0))];
  const exe = link('exe');
  const own = maps.filter((line) => line.path?.equals(exe));
  const stack = maps.find((line) => line.path?.toString() === '[stack]');
  const descriptors = readdirSync(`/proc/${pid}/fd`).map(
    (fd): OpenDescriptor => ({ fd: Number(fd), target: link(`fd/${fd}`), info: read(`fdinfo/${fd}`) }),
  );
  return {
    head: {
      machine: 62,
      bits: 64,
      segments: [],
      noteBytes: Buffer.alloc(0),
      threads: [
        {
          tid: pid,
          registers: new Map([
            ['rip', own[0]?.start ?? 0n],
            ['rsp', stack?.start ?? 0n],
            ['eflags', 0x246n],
          ]),
        },
      ],
      omittedThreads: 0,
      signal: { number: 11, code: 1, address: 0x10n, sender: null },
      auxv: new Map(),
      files: [],
      hasAllFiles: true,
      process: null,
      warnings: ['a warning of the notes'],
    },
    quickKey: '0123456789abcdef',
    core: { bytes: Buffer.alloc(4096), budgetBytes: 8192, omitted: ['a stack'], gaps: [] },
    modules: [
      {
        name: exe,
        isExecutable: true,
        base: own[0]?.start ?? 0n,
        start: own[0]?.start ?? 0n,
        end: own.at(-1)?.end ?? 0n,
        buildId: 'abcdef',
        path: exe,
        deleted: false,
        mayBlock: false,
        fd: openSync(`/proc/${pid}/exe`, 'r'),
      },
    ],
    mounts: null,
    snapshot: {
      pid,
      threadNames: new Map([[pid, (read('comm') ?? Buffer.alloc(0)).subarray(0, -1)]]),
      stat: read('stat'),
      status: read('status'),
      threadStatus: read('status'),
      cmdline: read('cmdline'),
      environ: read('environ'),
      limits: read('limits'),
      cgroup: read('cgroup'),
      mountinfo: read('mountinfo'),
      maps: read('maps'),
      kernelStack: read('stack'),
      exe,
      cwd: link('cwd'),
      root: link('root'),
      namespaces: readProcessNamespaces(pid),
      parentComm: readFileSync('/proc/self/comm'),
      descriptors,
      descriptorCount: descriptors.length,
      failures: new Map(),
    },
  };
}
