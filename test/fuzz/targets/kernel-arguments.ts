import assert from 'node:assert/strict';
import { UsercrashError } from '../../../errors/usercrash-error.ts';
import { type KernelWords, parseKernelArguments } from '../../../protocol/kernel-arguments.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

/** The words with which a client is started, by a NUL each. */
export const kernelArguments: FuzzTarget = {
  name: 'kernel-arguments',
  check(input) {
    let read: KernelWords;
    try {
      read = parseKernelArguments(input.toString('utf8').split('\0'));
    } catch (error) {
      if (error instanceof UsercrashError && error.code === 'E_KERNEL_ARGUMENTS') return;
      throw error;
    }
    const { runDir, defaultHandler, ...numbers } = read;
    assert.ok(runDir.startsWith('/'));
    const isNamed = defaultHandler === null || defaultHandler === 'file' || defaultHandler === 'program';
    assert.ok(isNamed || defaultHandler[0]?.startsWith('/'));
    for (const value of Object.values(numbers)) assert.ok(value === null || Number.isSafeInteger(value));
  },
};
