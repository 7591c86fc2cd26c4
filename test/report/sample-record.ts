import { instantOf } from '../../report/instant.ts';
import { qualityOf } from '../../report/quality.ts';
import type { Record as CrashRecord, Frame, Thread } from '../../report/record.ts';
import { describeSignal } from '../../report/signals.ts';
import { signatureOf } from '../../report/signature.ts';

/** 2026-11-20 22:35:57.123456 UTC */
export const SAMPLE_AT_US = 1_795_214_157_123_456;

const APP = '/usr/bin/app';
const LIBC = '/usr/lib/x86_64-linux-gnu/libc.so.6';

/** A frame with nothing known but what is given. */
export function sampleFrame(level: number, known: Partial<Frame> = {}): Frame {
  return {
    level,
    pc: null,
    function: null,
    file: null,
    line: null,
    module: null,
    moduleOffset: null,
    arguments: null,
    locals: null,
    signalHandler: false,
    ...known,
  };
}

/** Frames of functions by name, innermost first. */
export function namedFrames(...names: string[]): Frame[] {
  return names.map((name, level) => sampleFrame(level, { function: name }));
}

export function sampleThread(tid: number, known: Partial<Thread> = {}): Thread {
  return {
    tid,
    name: null,
    crashed: false,
    pc: null,
    sp: null,
    frames: null,
    omittedFrames: null,
    omittedAfter: null,
    ...known,
  };
}

/** A record whose crashed thread has these frames. */
export function recordWithFrames(frames: Frame[], known: Partial<CrashRecord> = {}): CrashRecord {
  return { ...sampleRecord(), threads: [sampleThread(4242, { crashed: true, frames })], ...known };
}

/** A whole record of a service with five threads; values as gdb and /proc of Debian 12 gave them for such a program. */
export function sampleRecord(): CrashRecord {
  const record: CrashRecord = {
    schema: 1,
    usercrash: '0.1.0',
    crashId: `e7309937c5d44b0d9a1f0a5f6f9d1c22-4242-196612-${SAMPLE_AT_US}`,
    kind: 'crash',
    at: instantOf(SAMPLE_AT_US, 0),
    readers: 'group',
    signal: describeSignal({ number: 11, code: 1, address: 0n, sender: null }),
    process: {
      pid: 4242,
      tid: 4245,
      namespacePid: 4242,
      namespaceTid: 4245,
      comm: 'app',
      exe: APP,
      exeDeleted: false,
      commandLine: [APP, '--config', '/etc/app/app.toml', '--name', "it's here", ''],
      cwd: '/var/lib/app',
      root: '/',
      uid: 1000,
      gid: 1000,
      user: 'deploy',
      parent: { pid: 1, comm: 'systemd' },
      started: instantOf(SAMPLE_AT_US - 11_520_000_000, 0),
      startTicks: 196_612,
      uptimeMs: 11_520_000,
      dumpable: 1,
      environment: ['LANG=C.UTF-8', 'PATH=/usr/local/bin:/usr/bin', 'HOME=/var/lib/app'],
      limits: [
        { name: 'Max cpu time', soft: 'unlimited', hard: 'unlimited' },
        { name: 'Max stack size', soft: '8388608', hard: 'unlimited' },
        { name: 'Max open files', soft: '1024', hard: '524288' },
        { name: 'Max processes', soft: '96365', hard: '96365' },
      ],
      cgroup: ['0::/system.slice/app.service'],
      unit: 'app.service',
      container: null,
      status: [
        { name: 'Name', value: 'app' },
        { name: 'State', value: 'S (sleeping)' },
        { name: 'Uid', value: '1000\t1000\t1000\t1000' },
        { name: 'VmRSS', value: '1672 kB' },
        { name: 'Threads', value: '5' },
        { name: 'Mems_allowed', value: `${'00000000,'.repeat(15)}00000001` },
      ],
      buildId: '7ebc65e5b1c3d9a4c3f1a2b4c5d6e7f801234567',
      package: { name: 'app', version: '2.1.0-3', architecture: 'amd64' },
    },
    machine: {
      host: 'prod-web-01',
      os: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.18.44',
      architecture: 'x86_64',
      bootId: 'e7309937c5d44b0d9a1f0a5f6f9d1c22',
    },
    quickKey: '0123456789abcdef',
    signature: null,
    quality: null,
    threads: sampleThreads(),
    omittedThreads: 0,
    registers: [
      ...[
        'rax',
        'rbx',
        'rcx',
        'rdx',
        'rsi',
        'rdi',
        'rbp',
        'rsp',
        'r8',
        'r9',
        'r10',
        'r11',
        'r12',
        'r13',
        'r14',
        'r15',
      ].map((name, at) => ({ name, value: (0x7f3a1c0010a0n * BigInt(at)).toString(16).padStart(16, '0') })),
      { name: 'rip', value: '00005581c0de1189' },
      { name: 'eflags', value: '0000000000010246' },
      { name: 'fs_base', value: '00007f3a1bffe6c0' },
      { name: 'gs_base', value: '0000000000000000' },
    ],
    stack: [
      { address: '00007f3a1bffdea0', value: '0000000000000000', note: null },
      { address: '00007f3a1bffdea8', value: '00005581c0de11c4', note: 'handle_request+37' },
      { address: '00007f3a1bffdeb0', value: '00005581c0de2010', note: '"GET /"' },
    ],
    memory: [
      {
        label: 'rsi',
        address: '00005581c0de2010',
        hex: Buffer.from(`GET /\0${'\0'.repeat(60)}end`).toString('hex'),
        mapping: APP,
      },
    ],
    code: [
      {
        address: '00005581c0de1185',
        function: 'process_data',
        offset: 8,
        text: 'mov    rax,QWORD PTR [rbp-0x8]',
        current: false,
      },
      {
        address: '00005581c0de1189',
        function: 'process_data',
        offset: 12,
        text: 'mov    eax,DWORD PTR [rax]',
        current: true,
      },
      { address: '00005581c0de118b', function: 'process_data', offset: 14, text: 'pop\trbp', current: false },
    ],
    source: {
      file: '/build/app/app.c',
      lines: [
        { number: 141, text: '{', current: false },
        { number: 142, text: '\treturn *in;', current: true },
        { number: 143, text: '}', current: false },
      ],
    },
    openFiles: {
      total: 4,
      files: [
        { fd: 0, target: '/dev/null', flags: 'read', position: 0 },
        { fd: 1, target: 'socket:[81234]', flags: 'read,write', position: null },
        { fd: 12, target: '/var/log/app.log', flags: 'write,append,cloexec', position: 123_456 },
      ],
    },
    maps: [
      {
        start: '00005581c0de0000',
        end: '00005581c0de1000',
        permissions: 'r--p',
        offset: '0000000000000000',
        device: 'fe:01',
        inode: 131_337,
        path: APP,
      },
      {
        start: '00007f3a1b7ff000',
        end: '00007f3a1bfff000',
        permissions: 'rw-p',
        offset: '0000000000000000',
        device: '00:00',
        inode: 0,
        path: null,
      },
    ],
    omittedMaps: 0,
    modules: [
      {
        name: APP,
        path: APP,
        base: '00005581c0de0000',
        start: '00005581c0de0000',
        end: '00005581c0de5000',
        buildId: '7ebc65e5b1c3d9a4c3f1a2b4c5d6e7f801234567',
        deleted: false,
      },
    ],
    journal: {
      entries: [
        {
          at: instantOf(SAMPLE_AT_US - 3_000_000, 0),
          pid: 4242,
          identifier: 'app',
          unit: 'app.service',
          priority: 6,
          message: 'listening on port 8080',
          why: 'process',
        },
        {
          at: instantOf(SAMPLE_AT_US - 100_000, 0),
          pid: 4242,
          identifier: 'app',
          unit: 'app.service',
          priority: 3,
          message: 'request without body\n\tfrom 10.0.0.7',
          why: 'process',
        },
        {
          at: instantOf(SAMPLE_AT_US - 86_400_000_000, 0),
          pid: null,
          identifier: 'kernel',
          unit: null,
          priority: 4,
          message: 'eth0: link down',
          why: 'machine',
        },
      ],
      omitted: 12,
    },
    kernelStack: ['[<0>] do_coredump+0x4a2/0x1b90', '[<0>] get_signal+0x8f5/0x940'],
    missing: {},
    collection: {
      mode: 'pipe',
      steps: [
        { name: 'notes', atMs: 1.4 },
        { name: 'released', atMs: 8.25 },
        { name: 'analysed', atMs: 231 },
      ],
      core: { bytes: 143_360, compressedBytes: 41_984, budgetBytes: 4_194_304, omitted: [] },
      gdb: { version: '13.1', durationMs: 127 },
      notes: [],
    },
  };
  record.signature = signatureOf(record);
  record.quality = qualityOf(record);
  return record;
}

function sampleThreads(): Thread[] {
  const tail = [
    sampleFrame(3, {
      pc: '00007f3a1c289134',
      function: 'start_thread',
      module: LIBC,
      moduleOffset: '0000000000089134',
    }),
    sampleFrame(4, {
      pc: '00007f3a1c3097dc',
      function: 'clone3',
      module: LIBC,
      moduleOffset: '00000000001097dc',
    }),
  ];
  const idle = (pc: string) => [
    sampleFrame(0, { pc, function: 'pthread_cond_wait', module: LIBC, moduleOffset: '0000000000086a0a' }),
    sampleFrame(1, {
      pc: '00005581c0de1300',
      function: 'worker',
      file: '/build/app/app.c',
      line: 88,
      module: APP,
      moduleOffset: '0000000000001300',
      arguments: [{ name: 'arg', value: '0x0' }],
    }),
  ];
  return [
    sampleThread(4242, {
      name: 'app',
      frames: [sampleFrame(0, { pc: '00007f3a1c2f0000', module: LIBC, moduleOffset: '00000000000f0000' })],
    }),
    ...[4243, 4244, 4246].map((tid, at) =>
      sampleThread(tid, { name: `worker-${at}`, frames: idle('00007f3a1c286a0a') }),
    ),
    sampleThread(4245, {
      name: 'worker-3',
      crashed: true,
      pc: '00005581c0de1189',
      sp: '00007f3a1bffdea0',
      frames: [
        sampleFrame(0, {
          pc: '00005581c0de1189',
          function: 'process_data',
          file: '/build/app/app.c',
          line: 142,
          module: APP,
          moduleOffset: '0000000000001189',
          arguments: [{ name: 'in', value: '0x0' }],
          locals: [
            { name: 'total', value: '0' },
            { name: 'name', value: '"\\033[31mred"' },
          ],
        }),
        sampleFrame(1, {
          pc: '00005581c0de11c4',
          function: 'handle_request',
          file: '/build/app/app.c',
          line: 200,
          module: APP,
          moduleOffset: '00000000000011c4',
          arguments: [
            { name: 'connection', value: '0x5581c1f0a2a0' },
            { name: 'request', value: '0x7f3a14000b60' },
            { name: 'options', value: '{timeout = 30, retries = 3, name = 0x5581c0de2010 "GET /"}' },
            { name: 'flags', value: null },
          ],
          locals: [],
        }),
        sampleFrame(2, {
          pc: '00005581c0de1333',
          function: 'main',
          file: '/build/app/app.c',
          line: 301,
          module: APP,
          moduleOffset: '0000000000001333',
          arguments: [],
          locals: null,
        }),
        ...tail,
      ],
    }),
  ];
}
