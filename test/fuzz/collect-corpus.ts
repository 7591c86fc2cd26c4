import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { bytesSource } from '../../capture/core-source.ts';
import { captureLive } from '../../capture/live/capture-live.ts';
import { closeModules } from '../../capture/open-modules.ts';
import { readCoreHead } from '../../capture/read-core-head.ts';
import { bindNetlink } from '../../linux/bind.ts';
import { attachFilter } from '../../linux/setsockopt.ts';
import { netlinkSocket } from '../../linux/socket.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { encodeMessage, type MessageName, type Messages, Reason } from '../../protocol/codec.ts';
import { readRecord } from '../../report/read-record.ts';
import { renderJson } from '../../report/render-json.ts';
import { dumpFilter } from '../../server/ledger/dump-filter.ts';
import { CN_IDX_PROC, subscription } from '../../server/ledger/process-event.ts';
import { CrashPlace } from '../capture/crash-held.ts';
import { corpusSource } from '../corpus/compile-corpus.ts';
import { compile, start, testDirectory } from '../debugger/live-program.ts';
import { startCollecting } from '../machine/collecting.ts';
import { SOURCES } from '../machine/programs.ts';
import { testEvent } from '../server/test-server.ts';
import { readCorpus } from './corpus.ts';
import { BARE_RECURSION, CROWD, GDB_PROGRAMS, RECURSION } from './live-programs.ts';
import { joinPackets } from './packets.ts';
import { recordGdb } from './record-gdb.ts';

/**
 * Collects the corpus anew, from real crashes and processes of this machine; the files of corpus/ were made by it. What
 * other machines have and this one has not (containers, cgroup v1) is in corpus/ as well and stays.
 *
 *   sudo node test/fuzz/collect-corpus.ts
 */
const CORPUS = join(import.meta.dirname, 'corpus');
/** Nothing of who collects it. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
/** Behind the notes: the first page of memory. */
const PAGE_BYTES = 4096;

function keep(target: string, name: string, bytes: Buffer | string): void {
  mkdirSync(join(CORPUS, target), { recursive: true });
  const packed = name.endsWith('.zst') ? zstdCompressSync(bytes) : bytes;
  writeFileSync(join(CORPUS, target, name), packed);
}

test('cores', async (t) => {
  const place = await CrashPlace.take(t);
  const crash = async (name: string, core: boolean, source: string, flags: string[] = []) => {
    const program = place.compile(`${name}.c`, corpusSource(source), ['-g', ...flags]);
    const { small, full } = await place.crash(program, { args: ['--level', '3'], env: ENVIRONMENT });
    const bytes = readFileSync(full);
    const head = readCoreHead(bytesSource(bytes));
    const end = bytes.indexOf(head.noteBytes) + head.noteBytes.length;
    keep('core-head', `${name}.zst`, bytes.subarray(0, end + PAGE_BYTES));
    if (core) keep('small-core', `${name}.zst`, readFileSync(small));
  };
  await crash('debug', true, 'structures.c');
  await crash('static', true, 'structures.c', ['-static']);
  await crash('threads10', false, 'threads.c', ['-DCOUNT=10']);
  await crash('assertion', false, 'assertion.c');
  await crash('altstack', true, 'handler-heap-stack.c');
});

test('cores of live processes', async (t) => {
  const directory = testDirectory(t);
  for (const [name, source, ...flags] of [
    ['threads40', CROWD],
    ['i386', RECURSION, '-m32'],
    ['recursion', BARE_RECURSION, '-static', '-nostdlib'],
  ] as const) {
    const program = compile(directory, `${name}.c`, source, ['-g', '-O0', ...flags]);
    const { pid } = await start(t, program);
    if (name === 'recursion') {
      // Whole, code and all: of a small core the middle of the stack is missing already.
      writeFileSync(`/proc/${pid}/coredump_filter`, '0x7f');
      execFileSync('gcore', ['-o', join(directory, 'core'), String(pid)], { stdio: 'ignore' });
      keep('small-core', `${name}.zst`, readFileSync(join(directory, `core.${pid}`)));
      continue;
    }
    const { captured } = captureLive({ pid, tid: pid, budgetBytes: 512 * 1024 });
    closeModules(captured.modules);
    const core = captured.core?.bytes ?? Buffer.alloc(0);
    keep('small-core', `${name}.zst`, core);
    if (name === 'i386') keep('core-head', `${name}.zst`, core.subarray(0, 4 * PAGE_BYTES));
  }
});

test('the text of /proc', async () => {
  const names = ['maps', 'stat', 'status', 'limits'];
  for (const [name, ...args] of [
    ['sleep', '60'],
    ['python3', '-c', 'import ctypes, time; time.sleep(60)'],
  ] as const) {
    const child = spawn(name, args, { env: ENVIRONMENT, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const item of names) keep(item, `${name}.txt`, readFileSync(`/proc/${child.pid}/${item}`));
    keep('smaps', `${name}.txt.zst`, readFileSync(`/proc/${child.pid}/smaps`));
    keep('syscall', `${name}.txt`, readFileSync(`/proc/${child.pid}/syscall`));
    keep('fdinfo', `${name}.txt`, readFileSync(`/proc/${child.pid}/fdinfo/1`));
    child.kill('SIGKILL');
  }
});

test('packed cores', () => {
  const [core = Buffer.alloc(0)] = readCorpus('small-core');
  // The head and some memory: as much as tells one way of packing from another.
  const first = core.subarray(0, 12_000);
  // Ends in blocks of zeros, as cores do.
  const second = Buffer.concat([core.subarray(12_000, 4 * PAGE_BYTES), Buffer.alloc(4 * PAGE_BYTES)]);
  const by = (program: string, ...args: string[]) => execFileSync(program, args, { input: first });
  keep('packed-core', 'zstd.bin', zstdCompressSync(first));
  const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  keep(
    'packed-core',
    'zstd-frames.bin',
    Buffer.concat([zstdCompressSync(first), skipped, zstdCompressSync(second)]),
  );
  keep('packed-core', 'gzip.bin', Buffer.concat([gzipSync(first), gzipSync(second)]));
  keep('packed-core', 'xz.bin', by('xz', '-c'));
  keep('packed-core', 'lz4.bin', by('lz4', '-q', '-c'));
});

test('executables', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const source = join(directory, 'p.c');
  writeFileSync(source, 'int _start(void) { return 0; } int main(void) { return 0; }');
  for (const [name, ...flags] of [
    ['static', '-nostdlib', '-static', '-Wl,--build-id=sha1'],
    ['library', '-nostdlib', '-shared', '-fPIC', '-Wl,--build-id=0x0123456789abcdef'],
  ] as const) {
    execFileSync('gcc', ['-w', '-s', ...flags, '-o', join(directory, name), source]);
    keep('elf-file', `${name}.zst`, readFileSync(join(directory, name)));
  }
});

test('what gdb prints, and reports', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const gdb = join(directory, 'gdb');
  writeFileSync(gdb, `#!/bin/sh\ngdb "$@" | tee ${directory}/printed\n`, { mode: 0o755 });
  const collecting = await startCollecting(t, ['--gdb', gdb]);
  for (const name of ['nested', 'exception', 'threads'] as const) {
    const pid = await crashInPeace(t, name);
    const { record } = await collecting.published(pid);
    keep('gdb-lines', `${name}.txt.zst`, readFileSync(join(directory, 'printed')));
    record.journal = {
      entries: [
        {
          at: record.at,
          pid,
          identifier: name,
          unit: 'app.service',
          priority: 3,
          message: 'terminate called\nafter throwing',
          why: 'process',
        },
      ],
      omitted: 2,
    };
    record.process.cgroup = ['0::/system.slice/app.service'];
    const json = renderJson(record).replaceAll(hostname(), 'prod-web-01');
    readRecord(json);
    keep('record', `${name}.json.zst`, json);
  }
  const history = readFileSync(join(collecting.directories.logDir, 'history'), 'utf8');
  keep('history', 'history.txt', history.replaceAll(hostname(), 'prod-web-01'));
});

test('what gdb says of cores that are kept beside it', async (t) => {
  for (const [name, source] of Object.entries(GDB_PROGRAMS)) {
    const directory = testDirectory(t);
    const { pid } = await start(t, compile(directory, name, source));
    const { captured } = captureLive({ pid, tid: pid, budgetBytes: 128 * 1024 });
    keep('gdb-session', `${name}.txt.zst`, await recordGdb(captured));
    const { bytes = '', gaps = [] } = captured.core ?? {};
    keep('gdb-core', `${name}.zst`, bytes);
    // What only the capture has counted.
    const plain = gaps.map((gap) => ({ ...gap, returns: [...gap.returns] }));
    keep('gdb-gaps', `${name}.json`, `${JSON.stringify(plain)}\n`);
    closeModules(captured.modules);
  }
});

test('what clients and server say', () => {
  const event = testEvent({ comm: Buffer.from([0xff, 0x20, 0x0a, 0x41]) });
  const messages: { [K in MessageName]: Messages[K] } = {
    crashEvent: event,
    reportGranted: {},
    captured: {
      coreBytes: 41_984,
      heldMs: 2.5,
      files: [{ module: 0, mayBlock: true, onlyHere: true, place: 'root' }],
    },
    analysisGranted: { files: [{ module: 2, mayBlock: false, onlyHere: false, place: '' }] },
    analysisDeferred: { queuedBefore: 3 },
    completed: {
      signature: 'SIGSEGV | a | b',
      signatureHash: 'ca5789faa2054baa',
      analysisMs: 127,
      heldMs: 2.5,
    },
    aborted: { reason: 'no space left', noRoom: false },
    refused: {
      reason: Reason.WRONG_STATE,
      detail: 'captured is not expected in state connected',
      repeatOf: '',
      notBeforeMs: 0,
    },
    resumeAnalysis: { crashId: event.crashId },
    published: { slot: 7, textPath: '/var/log/usercrashes/usercrash_07' },
    repeats: { crashes: [{ ...event, repeatOf: event.crashId }, event] },
    counted: {},
  };
  for (const [name, value] of Object.entries(messages)) {
    // The table above has each name with the value that belongs to it.
    keep('frame', `${name}.bin`, encodeMessage(name as MessageName, value as never));
  }
  const said = <K extends MessageName>(name: K) => encodeMessage(name, messages[name]);
  const conversations = {
    whole: [said('crashEvent'), said('captured'), said('completed')],
    aborted: [said('crashEvent'), said('aborted')],
    resumed: [said('resumeAnalysis'), said('completed')],
    wrong: [said('captured'), said('published')],
    deferred: [said('crashEvent'), said('captured')],
    lost: [said('crashEvent'), encodeMessage('aborted', { reason: 'no space left', noRoom: true })],
    repeat: [encodeMessage('crashEvent', { ...event, repeatOf: `${'e'.repeat(32)}-1-1-1763678157000000` })],
    excluded: [encodeMessage('crashEvent', { ...event, excludedBy: '/usr/bin/app' })],
    repeats: [said('repeats')],
  };
  for (const [name, packets] of Object.entries(conversations)) {
    keep('conversation', `${name}.bin`, joinPackets(packets));
  }
  const answers = {
    granted: [said('reportGranted'), said('analysisGranted'), said('published')],
    deferred: [said('reportGranted'), said('analysisDeferred')],
    refused: [said('refused')],
  };
  for (const [name, packets] of Object.entries(answers))
    keep('server-answers', `${name}.bin`, joinPackets(packets));
});

test('what the kernel says of dumps', () => {
  const datagram = Buffer.alloc(4096);
  const events = netlinkSocket(11);
  attachFilter(events, dumpFilter());
  bindNetlink(events, CN_IDX_PROC);
  writeSync(events, subscription(41));
  // The kernel's log of this boot, as far as it is still there: what it holds depends on what has crashed.
  spawnSync('sh', ['-c', 'ulimit -c 1; kill -SEGV $$']);
  for (const name of ['ack', 'coredump', 'exit']) {
    keep('process-event', `${name}.bin`, datagram.subarray(0, readSync(events, datagram)));
  }
  closeSync(events);
  const log = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  const kinds = { limit: /over core_pipe_limit/, rlimit: /RLIMIT_CORE/, segfault: /segfault at/ };
  try {
    for (;;) {
      const record = datagram.toString('utf8', 0, readSync(log, datagram));
      for (const [name, words] of Object.entries(kinds)) {
        if (words.test(record)) keep('kernel-log', `${name}.txt`, record);
      }
    }
  } catch (error) {
    if (!hasErrno(error, 'EAGAIN')) throw error;
  }
  closeSync(log);
});

/** Lets one of {@link SOURCES} crash, in a directory of its own. */
async function crashInPeace(t: TestContext, name: keyof typeof SOURCES): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const { file, text } = SOURCES[name];
  writeFileSync(join(directory, file), text);
  const compiler = file.endsWith('.cc') ? 'g++' : 'gcc';
  execFileSync(compiler, ['-g', '-O0', '-pthread', '-o', name, file], { cwd: directory });
  const child = spawn(join(directory, name), { cwd: directory, env: ENVIRONMENT, stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('the size of it', () => {
  for (const folder of readdirSync(CORPUS)) {
    for (const name of readdirSync(join(CORPUS, folder))) {
      console.log(folder, name, readFileSync(join(CORPUS, folder, name)).length);
    }
  }
});
