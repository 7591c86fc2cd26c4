import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { elf64 } from '../../capture/elf/elf-class.ts';
import { findSymbol } from '../../capture/find-symbol.ts';
import { FunctionStarts } from '../../capture/function-starts.ts';
import { randomFrom } from '../random.ts';
import { ownMemory } from './own-memory.ts';

/** Where the C library's file is, and its symbols by name, as nm tells them. */
function libraryFacts() {
  const path =
    /(\S+\/libc\.so\.6|\S+\/libc-\S+\.so)$/m.exec(readFileSync('/proc/self/maps', 'latin1'))?.[1] ?? '';
  const listing = execFileSync('nm', ['-D', '--defined-only', path], { encoding: 'latin1' });
  const symbols = listing.matchAll(/^([0-9a-f]{16}) (\w) (\w+)(?:@@\S+)?$/gm);
  return Array.from(symbols, ([, address = '', type = '', name = '']) => ({
    name,
    type,
    address: Number.parseInt(address, 16),
  }));
}

test('findSymbol() finds in memory what nm finds in the file', (t) => {
  const { memory, modules } = ownMemory(t);
  const library = modules.find(({ name }) => name.toString().includes('/libc.'));
  assert.ok(library?.headers != null);
  const facts = libraryFacts();
  for (const name of ['__abort_msg', 'malloc', '_thread_db_pthread_list', 'abort']) {
    const expected = facts.find((symbol) => symbol.name === name);
    assert.ok(expected !== undefined, name);
    assert.equal(
      findSymbol(memory.everything, library.headers, { name, elfClass: elf64 }),
      library.base + expected.address,
      name,
    );
  }
  assert.equal(
    findSymbol(memory.everything, library.headers, { name: 'no_such_symbol', elfClass: elf64 }),
    null,
  );
});

test('findSymbol() ends, whatever the tables hold', (t) => {
  const { memory, modules } = ownMemory(t);
  const headers = modules.find(({ name }) => name.toString().includes('/libc.'))?.headers;
  assert.ok(headers != null);
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = randomFrom(seed);
    const damaged = {
      read(address: number, length: number) {
        const bytes = Buffer.from(memory.everything.read(address, Math.min(length, 4096)));
        if (bytes.length > 0 && random(4) === 0) bytes[random(bytes.length)] = random(256);
        return bytes.subarray(0, random(8) === 0 ? random(bytes.length + 1) : bytes.length);
      },
    };
    findSymbol(damaged, headers, { name: 'malloc', elfClass: elf64 });
  }
});

test('FunctionStarts knows the function of an address as nm does', (t) => {
  const { memory, modules } = ownMemory(t);
  const library = modules.find(({ name }) => name.toString().includes('/libc.'));
  assert.ok(library !== undefined);
  const starts = new FunctionStarts(memory.pages);
  let known = 0;
  const functions = libraryFacts().filter(({ type }) => type === 'T');
  for (const { name, address } of functions) {
    // One more than the beginning is in every function, if nothing else is.
    const start = starts.startOf(library, library.base + address + 1);
    if (start === null) continue;
    known += 1;
    assert.equal(start, library.base + address, name);
  }
  assert.ok(known > functions.length * 0.95, `${known} of ${functions.length}`);
  assert.equal(starts.startOf(library, library.start), null);
});
