import type { MemoryWindow } from '../../report/record.ts';
import type { AddressSpace } from './address-space.ts';
import type { CoreMemory } from './core-memory.ts';

const BEFORE_BYTES = 0x20n;
const WINDOW_BYTES = 64;

/**
 * The bytes around what registers point to: 32 before, 64 in all, or less where the core ends.
 *
 * @param registers Those that hold pointers in most code, by name.
 * @returns In the order of the registers; registers that share a window share an entry (`rax, rdi`), those that
 *   point to no memory of the core have none.
 */
export function memoryWindows(
  registers: ReadonlyMap<string, bigint>,
  memory: CoreMemory,
  addressSpace: AddressSpace,
): MemoryWindow[] {
  const labels = new Map<bigint, string[]>();
  for (const [label, value] of registers) {
    const sharing = labels.get(value);
    if (sharing === undefined) labels.set(value, [label]);
    else sharing.push(label);
  }
  return [...labels].flatMap(([value, names]) => {
    const bytes = memory.read(value, WINDOW_BYTES - Number(BEFORE_BYTES));
    if (bytes.length === 0) return [];
    const before = bytesBefore(value, memory);
    return {
      label: names.join(', '),
      address: (value - BigInt(before.length)).toString(16).padStart(16, '0'),
      hex: Buffer.concat([before, bytes]).toString('hex'),
      mapping: addressSpace.nameOf(value),
    };
  });
}

/** Up to 32 bytes; fewer where the mapping begins in between. */
function bytesBefore(address: bigint, memory: CoreMemory): Buffer {
  for (let length = address < BEFORE_BYTES ? address : BEFORE_BYTES; length > 0n; length -= 1n) {
    const bytes = memory.read(address - length, Number(length));
    if (bytes.length === Number(length)) return bytes;
  }
  return Buffer.alloc(0);
}
