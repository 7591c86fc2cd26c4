import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { coreHeadBytes } from '../../capture/core-head-bytes.ts';
import { bytesSource, fdSource } from '../../capture/core-source.ts';
import { NotACoreError, readCoreHead } from '../../capture/read-core-head.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { randomFrom } from '../random.ts';
import { madeCore, note } from './made-core.ts';

const PROGRAM = `
#include <pthread.h>
#include <unistd.h>
static pthread_barrier_t ready;
static void *work(void *argument) { pthread_barrier_wait(&ready); for (;;) pause(); return 0; }
int main(int argc, char **argv) {
  pthread_t thread;
  pthread_barrier_init(&ready, 0, 3);
  for (int i = 0; i < 2; i++) pthread_create(&thread, 0, work, 0);
  pthread_barrier_wait(&ready);
  return *(volatile int *)0x1234;
}`;

/** The cores that the kernel of an x86-64 machine writes. */
const KINDS = [
  {
    name: 'x86-64',
    flag: '-m64',
    machine: 62,
    bits: 64,
    headerBytes: 64,
    registers: 27,
    sp: 'rsp',
    base: 'fs_base',
  },
  {
    name: 'i386',
    flag: '-m32',
    machine: 3,
    bits: 32,
    headerBytes: 52,
    registers: 18,
    sp: 'esp',
    base: 'gs_base',
  },
] as const;

/** A core that the kernel wrote, with three threads. */
async function realCore(t: TestContext, flag: string): Promise<{ core: Buffer; path: string; pid: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-head-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = join(directory, 'program');
  writeFileSync(`${program}.c`, PROGRAM);
  execFileSync('gcc', [flag, '-w', '-pthread', '-o', program, `${program}.c`]);
  await takeCorePattern(t, 'core');
  const { pid } = spawnSync('prlimit', ['--core=unlimited', program, 'an argument'], { cwd: directory });
  const path = join(directory, 'core');
  return { core: readFileSync(path), path, pid };
}

for (const kind of KINDS) {
  const { name } = kind;
  test(`readCoreHead() reads what readelf and gdb read in a core of the kernel, ${name}`, async (t) => {
    const { core, path, pid } = await realCore(t, kind.flag);
    const fd = openSync(path, 'r');
    t.after(() => closeSync(fd));
    const head = readCoreHead(fdSource(fd));
    assert.deepEqual(head.warnings, []);
    assert.deepEqual([head.machine, head.bits], [kind.machine, kind.bits]);
    assert.deepEqual(head.signal, { number: 11, code: 1, address: 0x1234n, sender: null });
    assert.equal(head.threads.length, 3);
    assert.equal(head.threads[0]?.tid, pid);
    assert.equal(head.process?.comm.toString(), 'program');
    assert.match(head.process?.arguments.toString() ?? '', /program an argument ?$/);
    assert.equal(head.process?.uid, process.getuid?.());
    assert.equal(head.process?.gid, process.getgid?.());
    assert.equal(head.process?.parentPid, process.pid);

    const readelf = (option: string) =>
      execFileSync('readelf', ['-W', option, path], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const loads = [
      ...readelf('-l').matchAll(/^ {2}LOAD +0x\w+ 0x(\w+) 0x\w+ 0x(\w+) 0x(\w+) (R| )(W| )(E| )/gm),
    ];
    assert.deepEqual(
      [...head.segments].map(({ start, end, fileBytes, flags }) => [start, fileBytes, end - start, flags]),
      loads.map(([, start, file, memory, r, w, x]) => [
        BigInt(`0x${start}`),
        BigInt(`0x${file}`),
        BigInt(`0x${memory}`),
        (r === 'R' ? 4 : 0) + (w === 'W' ? 2 : 0) + (x === 'E' ? 1 : 0),
      ]),
    );
    const arguments_ = ['-nx', '-batch', '-ex', 'info proc mappings', '-c', path];
    const mappings = execFileSync('gdb', arguments_, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const files = [...mappings.matchAll(/^[ \t]+0x(\w+) +0x(\w+) +0x\w+ +0x(\w+) +(.*)$/gm)];
    assert.ok(files.length >= 10);
    assert.deepEqual(
      head.files.map((file) => [file.start, file.end, file.offset, file.path.toString()]),
      files.map(([, start, end, offset, name]) => [
        BigInt(`0x${start}`),
        BigInt(`0x${end}`),
        BigInt(`0x${offset}`),
        name,
      ]),
    );
    const same = readCoreHead(bytesSource(core));
    assert.deepEqual(same.threads[2]?.registers, head.threads[2]?.registers);
    for (const { registers } of head.threads) {
      assert.equal(registers.size, kind.registers);
      const [sp = 0n, base = 0n] = [registers.get(kind.sp), registers.get(kind.base)];
      assert.ok([...head.segments].some(({ start, end }) => sp >= start && sp < end));
      assert.ok([...head.segments].some(({ start, end }) => base >= start && base < end));
    }
  });

  test(`readCoreHead() gives a partial head with a warning for a core that is cut anywhere, ${name}`, async (t) => {
    const { core } = await realCore(t, kind.flag);
    const whole = readCoreHead(bytesSource(core));
    const headBytes = core.indexOf(whole.noteBytes) + whole.noteBytes.length;
    let wanted = 0;
    for (let more = 1; more > 0; wanted += more) more = coreHeadBytes(core.subarray(0, wanted)) - wanted;
    assert.equal(wanted, headBytes);
    for (let length = 0; length <= 65_536; length += 1) {
      const cut = core.subarray(0, length);
      if (length < kind.headerBytes) {
        assert.throws(() => readCoreHead(bytesSource(cut)), NotACoreError, `cut at ${length}`);
        continue;
      }
      const head = readCoreHead(bytesSource(cut));
      assert.equal(head.warnings.length === 0, length >= headBytes, `cut at ${length}: ${head.warnings}`);
      assert.ok(head.threads.length <= 3);
    }
  });

  test(`readCoreHead() survives flipped bits, ${name}`, async (t) => {
    const { core } = await realCore(t, kind.flag);
    const begin = core.subarray(0, 16_384);
    for (let seed = 1; seed <= 3000; seed += 1) {
      const random = randomFrom(seed);
      const damaged = Buffer.from(begin);
      for (let count = 1 + random(16); count > 0; count -= 1) {
        const at = random(seed % 2 === 0 ? damaged.length : 1024);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
      }
      try {
        const head = readCoreHead(bytesSource(damaged));
        // gs_base comes from a note of its own.
        for (const { registers } of head.threads)
          assert.ok(registers.size >= 17 && registers.size <= kind.registers);
      } catch (error) {
        if (!(error instanceof NotACoreError)) throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
}

test('readCoreHead() refuses what is no core', () => {
  const random = randomFrom(7);
  const garbage = Buffer.from(Array.from({ length: 65_536 }, () => random(256)));
  for (const bytes of [Buffer.alloc(0), garbage, readFileSync(process.execPath).subarray(0, 4096)]) {
    assert.throws(() => readCoreHead(bytesSource(bytes)), { code: 'E_NOT_A_CORE' });
  }
});

test('readCoreHead() says what it does not read: big-endian cores, and those of processors that it does not know', () => {
  const bigEndian = madeCore({});
  bigEndian[5] = 2;
  bigEndian.writeUInt16BE(4, 16);
  assert.match(
    readCoreHead(bytesSource(bigEndian)).warnings.join(),
    /big-endian, machine 15872: only little-endian/,
  );
  const ofNoClass = madeCore({});
  ofNoClass[4] = 3;
  assert.match(readCoreHead(bytesSource(ofNoClass)).warnings.join(), /of ELF class 3, machine 62: only/);
  const other = madeCore({ notes: note(1, Buffer.alloc(336)) });
  other.writeUInt16LE(183, 18);
  const head = readCoreHead(bytesSource(other));
  assert.match(head.warnings.join(), /machine 183 with 64 bits is not known/);
  assert.equal(head.threads.length, 0);
});

test('readCoreHead() finds the number of program headers where e_phnum has no room for it', () => {
  const segments = Array.from({ length: 66_000 }, (_, index) => ({
    start: BigInt(index + 16) * 8192n,
    bytes: 4096n,
  }));
  const head = readCoreHead(
    bytesSource(madeCore({ segments, count: 0xffff, notes: note(6, Buffer.alloc(16)) })),
  );
  assert.equal(head.segments.length, 66_000);
  assert.deepEqual(head.warnings, []);
});

test('readCoreHead() believes no count, size or address', () => {
  const huge = Buffer.alloc(64, 0xff);
  const read = (options: Parameters<typeof madeCore>[0]) => readCoreHead(bytesSource(madeCore(options)));
  const before = process.memoryUsage().rss;
  assert.match(
    read({ noteBytes: 2n ** 64n - 1n }).warnings.join(),
    /18446744073709552000 bytes of notes, read were/,
  );
  assert.match(
    read({ notes: note(0x46494c45, huge) }).warnings.join(),
    /NT_FILE claims 18446744073709551615 files/,
  );
  assert.match(read({ notes: huge }).warnings.join(), /the notes after byte 0 of 64 make no sense/);
  assert.match(read({ notes: note(1, Buffer.alloc(100)) }).warnings.join(), /1 NT_PRSTATUS are too short/);
  const odd = read({
    segments: [
      { start: 0x1000n, bytes: 0x3000n },
      { start: 0x2000n, bytes: 0x1000n },
      { start: 2n ** 64n - 4096n, bytes: 2n ** 63n },
      { start: 0x9000n, bytes: 0x1000n, fileBytes: 2n ** 64n - 1n },
      { start: 0x7000n, bytes: 0n },
    ],
  });
  assert.deepEqual(
    [...odd.segments].map(({ start }) => start),
    [0x1000n],
  );
  assert.match(odd.warnings.join(), /3 segments with impossible or overlapping addresses/);
  assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
});

test('readCoreHead() gives no negative numbers, whatever a process has put into its siginfo', () => {
  const forged = Buffer.alloc(128);
  for (const [at, value] of [
    [0, 6],
    [8, -1],
    [16, -7],
    [20, -8],
  ] as const) {
    forged.writeInt32LE(value, at);
  }
  const { signal } = readCoreHead(bytesSource(madeCore({ notes: note(0x53494749, forged) })));
  assert.deepEqual(signal, {
    number: 6,
    code: -1,
    address: null,
    sender: { pid: 2 ** 32 - 7, uid: 2 ** 32 - 8 },
  });
});

test('readCoreHead() reads notes of 5,000 threads in tens of milliseconds', () => {
  const status = note(1, Buffer.alloc(336, 1));
  const rest = note(2, Buffer.alloc(3000));
  const notes = Buffer.concat(Array.from({ length: 5000 }, () => [status, rest]).flat());
  const core = madeCore({ notes });
  const started = performance.now();
  const head = readCoreHead(bytesSource(core));
  const tookMs = performance.now() - started;
  assert.equal(head.threads.length, 5000);
  assert.ok(tookMs < 200, `${tookMs} ms`);
});
