import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { i386 } from '../../capture/arch/i386.ts';
import { x8664 } from '../../capture/arch/x86-64.ts';
import { bestChain, type ChainLink } from '../../capture/call-chain.ts';

/** A link whose function begins at the hundred below its address. */
const link = (address: number, calls: number | null): ChainLink => ({
  address,
  calls,
  functionStart: address - (address % 100),
});

const addressesOf = (links: readonly ChainLink[]) => bestChain(links).map(({ address }) => address);

test('bestChain() takes those that have called each other, and leaves what finished calls have left behind', () => {
  // 510 <- 420 <- 330 <- 240; between them a call of 700 by 650 that has ended, and one of 900 by 420's function.
  const links = [
    link(510, null),
    link(650, 700),
    link(430, 900),
    link(420, 500),
    link(660, 700),
    link(330, 400),
    link(240, 300),
    link(130, 200),
  ];
  assert.deepEqual(addressesOf(links), [510, 420, 330, 240, 130]);
});

test('bestChain() goes over a function that was left by a jump, and over calls through pointers', () => {
  const jumped = [link(510, null), link(420, 800), link(330, 400), link(240, 300), link(130, 200)];
  assert.deepEqual(addressesOf(jumped), [510, 420, 330, 240, 130]);
  const pointers = [link(510, null), link(420, null), link(330, 400), link(240, null)];
  assert.deepEqual(addressesOf(pointers), [510, 420, 330, 240]);
});

test('bestChain() takes a function that begins shortly before for that of an address where nobody knows more', () => {
  const links = [link(510, null), link(420, 500), link(9_000_000, 100_000)].map((one) => ({
    ...one,
    functionStart: null,
  }));
  assert.deepEqual(addressesOf(links), [510, 420]);
});

test('bestChain() gives the first link alone where nothing fits, and ends with thousands of links', () => {
  assert.deepEqual(addressesOf([link(510, null), link(420, 900)]), [510]);
  const many = Array.from({ length: 5000 }, (_, index) =>
    link(index * 7, index % 3 === 0 ? null : index * 70),
  );
  assert.ok(bestChain(many).length > 0);
});

/** Assembles code, as it lies in memory from `base` on. */
function assembled(t: TestContext, source: string, { base, flags }: { base: number; flags: string[] }) {
  const directory = mkdtempSync(join(tmpdir(), 'uc-targets-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'code');
  writeFileSync(`${file}.s`, source);
  execFileSync('gcc', [...flags, '-c', '-o', `${file}.o`, `${file}.s`]);
  execFileSync('objcopy', ['-O', 'binary', '--only-section=.text', `${file}.o`, `${file}.bin`]);
  const symbols = new Map(
    execFileSync('nm', [`${file}.o`], { encoding: 'utf8' })
      .split('\n')
      .map((line) => [line.replace(/.* /, ''), base + Number.parseInt(line, 16)]),
  );
  const code = readFileSync(`${file}.bin`);
  const read = (address: number, length: number) =>
    address < base ? Buffer.alloc(0) : code.subarray(address - base, address - base + length);
  return { memory: { read }, addressOf: (label: string) => symbols.get(label) ?? 0 };
}

test('callTarget() follows calls, global offset table and stubs, and no register', (t) => {
  const base = 0x5555_0000_0000;
  const source = `.fill 16, 1, 0x90
     call function
     after_direct: call *slot(%rip)
     after_table: call stub
     after_stub: call bare_stub
     after_bare: call *%rax
     after_register: call *8(%rax)
     after_pointer: nop
     function: ret
     stub: endbr64
     jmp *slot(%rip)
     bare_stub: bnd jmp *slot(%rip)
     .fill 16, 1, 0x90
     slot: .quad 0x7f1234567890
     .fill 16, 1, 0x90\n`;
  const { memory, addressOf } = assembled(t, source, { base, flags: [] });
  const targetAfter = (label: string) => x8664.callTarget({ memory, offsetTable: null }, addressOf(label));
  assert.equal(targetAfter('after_direct'), addressOf('function'));
  for (const label of ['after_table', 'after_stub', 'after_bare']) {
    assert.equal(targetAfter(label), 0x7f1234567890, label);
  }
  assert.equal(targetAfter('after_register'), null);
  assert.equal(targetAfter('after_pointer'), null);
  assert.equal(x8664.callTarget({ memory, offsetTable: null }, base), null);
});

test('callTarget() follows stubs of i386 code that may lie anywhere, by the global offset table', (t) => {
  const base = 0x5655_5000;
  const source = `.fill 16, 1, 0x90
     call function
     after_direct: call stub
     after_stub: call stub_of_far_slot
     after_far: nop
     function: ret
     stub: endbr32
     jmp *12 + 0x100(%ebx)
     stub_of_far_slot: jmp *-0x10000000(%ebx)
     .fill 16, 1, 0x90
     table: .long 1, 2, 3, 0xf7123456
     .fill 16, 1, 0x90\n`;
  const { memory, addressOf } = assembled(t, source, { base, flags: ['-m32'] });
  const targetAfter = (label: string, offsetTable: number | null) =>
    i386.callTarget({ memory, offsetTable }, addressOf(label));
  assert.equal(targetAfter('after_direct', null), addressOf('function'));
  assert.equal(targetAfter('after_stub', addressOf('table') - 0x100), 0xf7123456);
  // Whoever does not know the table does not know where the stub leads.
  assert.equal(targetAfter('after_stub', null), null);
  assert.equal(targetAfter('after_far', addressOf('table')), null);
});
