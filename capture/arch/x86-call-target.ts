import type { ElfClass } from '../elf/elf-class.ts';
import type { ProcessMemory } from '../process-memory.ts';
import type { CallPlace } from './architecture.ts';

/** endbr64 and endbr32, with which a stub of the procedure linkage table may begin. */
const ENDBR = [0xfa1e0ff3, 0xfb1e0ff3];
/** Bytes of a stub that are looked at: endbr, a prefix, and the jump. */
const STUB_BYTES = 12;

/**
 * Architecture.callTarget of x86 (Intel SDM, CALL and JMP): E8 with a displacement; FF 15 and, in stubs, FF 25 through a
 * pointer in the global offset table, at a displacement with 64 bits and at an address with 32. Stubs of i386 code that may
 * lie anywhere have FF A3 instead, which counts from ebx: there the table is whenever one is called (System V ABI,
 * Intel386 supplement, Procedure Linkage Table).
 */
export function x86CallTarget(call: CallPlace, returnAddress: number, elfClass: ElfClass): number | null {
  const { memory } = call;
  const code = memory.read(returnAddress - 6, 6);
  if (code.length < 6) return null;
  if (code[1] === 0xe8) {
    const target = wrapped(returnAddress + code.readInt32LE(2), elfClass);
    const slot = stubSlot(call, target, elfClass);
    return slot === null ? target : pointerIn(memory, slot, elfClass);
  }
  if (code[0] !== 0xff || code[1] !== 0x15) return null;
  return pointerIn(memory, slotOf(code, 2, { end: returnAddress, elfClass }), elfClass);
}

/** Through which word a stub jumps, 0 where that cannot be told; null where there is no stub. */
function stubSlot({ memory, offsetTable }: CallPlace, address: number, elfClass: ElfClass): number | null {
  const code = memory.read(address, STUB_BYTES);
  if (code.length < STUB_BYTES) return null;
  let at = ENDBR.includes(code.readUInt32LE(0)) ? 4 : 0;
  // bnd, of the time of MPX.
  if (code[at] === 0xf2) at += 1;
  if (code[at] !== 0xff) return null;
  if (code[at + 1] === 0x25) return slotOf(code, at + 2, { end: address + at + 6, elfClass });
  if (code[at + 1] !== 0xa3 || elfClass.bits !== 32) return null;
  return offsetTable === null ? 0 : wrapped(offsetTable + code.readInt32LE(at + 2), elfClass);
}

/** @param end Of the instruction. */
function slotOf(code: Buffer, at: number, { end, elfClass }: { end: number; elfClass: ElfClass }): number {
  return elfClass.bits === 32 ? code.readUInt32LE(at) : end + code.readInt32LE(at);
}

function pointerIn(memory: Pick<ProcessMemory, 'read'>, address: number, elfClass: ElfClass): number | null {
  const bytes = memory.read(address, elfClass.wordBytes);
  return bytes.length < elfClass.wordBytes ? null : elfClass.readWord(bytes, 0);
}

/** Addresses of 32 bits go round. */
function wrapped(address: number, { bits }: ElfClass): number {
  return bits === 32 ? address >>> 0 : address;
}
