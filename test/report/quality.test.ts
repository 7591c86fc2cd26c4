import assert from 'node:assert/strict';
import test from 'node:test';
import { qualityOf } from '../../report/quality.ts';
import { namedFrames, recordWithFrames, sampleFrame } from './sample-record.ts';

test('qualityOf() goes from 0 for a stripped program to 4 for one with debug information', () => {
  const own = ['one', 'two', 'main'];
  const lined = own.map((name, level) => sampleFrame(level, { function: name, file: 'a.c', line: 1 }));
  const runtime = namedFrames('raise', 'abort', '__libc_start_main', '_start');
  const unnamed = own.map((_, level) => sampleFrame(level));
  assert.equal(qualityOf(recordWithFrames([...lined, ...runtime])), 4);
  assert.equal(qualityOf(recordWithFrames([...namedFrames(...own), ...runtime])), 3);
  assert.equal(qualityOf(recordWithFrames([...unnamed, ...namedFrames('strlen'), ...runtime])), 0);
  assert.equal(qualityOf(recordWithFrames([...unnamed, ...lined])), 2);
  assert.equal(qualityOf(recordWithFrames(unnamed)), 0);
});

test('qualityOf() does not count the address 0 that ends a stack, and counts a jump there', () => {
  const nowhere = { pc: '0'.repeat(16), module: null, moduleOffset: null };
  const lined = sampleFrame(0, { function: 'main.main', file: 'main.go', line: 13 });
  assert.equal(qualityOf(recordWithFrames([lined, sampleFrame(1, nowhere)])), 4);
  assert.equal(qualityOf(recordWithFrames([sampleFrame(0, nowhere), { ...lined, level: 1 }])), 2);
});

test('qualityOf() is null without frames', () => {
  assert.equal(qualityOf(recordWithFrames([])), null);
  assert.equal(qualityOf({ threads: null }), null);
});
