import type { FilterInstruction } from '../../linux/setsockopt.ts';
import { OFFSETS, WHAT } from './process-event.ts';

/** linux/bpf_common.h */
const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const LOAD_NUMBER = 0x00;
const AND = 0x54;
const SHIFT_LEFT_BY_X = 0x6c;
const COPY_TO_X = 0x07;
const JUMP_EQUAL = 0x15;
const JUMP_EQUAL_X = 0x1d;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

/**
 * Signals that dump (signal(7)): QUIT ILL TRAP ABRT BUS FPE SEGV XCPU XFSZ SYS; x86 and ARM agree. And KILL, by which a process
 * ends that is killed in its dump.
 */
const DUMPING = [3, 4, 5, 6, 7, 8, 9, 11, 24, 25, 31].reduce(
  (mask, signal) => (mask | (1 << signal)) >>> 0,
  0,
);

/**
 * The socket filter that lets through what the ledger reads: answers, dumps, and the end of a process (of its main thread)
 * by a signal that dumps, or ends a dump. Every fork, exec and exit of the machine is thrown away before it wakes anybody. Such filters are
 * as old as the connector, so there is one way on all kernels (decision 018).
 */
export function dumpFilter(): FilterInstruction[] {
  const [ACCEPT, REJECT] = [14, 15];
  // Where a jump's condition holds and where it does not, as lines of this table; the next line where nothing is said.
  const lines: [code: number, operand: number, holds?: number, fails?: number][] = [
    [LOAD_WORD, OFFSETS.what],
    [JUMP_EQUAL, inNetworkOrder(WHAT.coredump), ACCEPT],
    [JUMP_EQUAL, inNetworkOrder(WHAT.ack), ACCEPT],
    [JUMP_EQUAL, inNetworkOrder(WHAT.exit), 4, REJECT],
    [LOAD_WORD, OFFSETS.pid],
    [COPY_TO_X, 0],
    [LOAD_WORD, OFFSETS.tid],
    [JUMP_EQUAL_X, 0, 8, REJECT],
    [LOAD_BYTE, OFFSETS.exitCode],
    [AND, 0x7f],
    [COPY_TO_X, 0],
    [LOAD_NUMBER, 1],
    [SHIFT_LEFT_BY_X, 0],
    [JUMP_ANY_BIT, DUMPING, ACCEPT, REJECT],
    [RETURN, 0xffff_ffff],
    [RETURN, 0],
  ];
  return lines.map(([code, operand, holds, fails], at) => {
    const next = at + 1;
    return { code, operand, jumpTrue: (holds ?? next) - next, jumpFalse: (fails ?? next) - next };
  });
}

/** The filter loads words as the network has them; we write as this machine, little-endian, has them. */
function inNetworkOrder(word: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(word);
  return bytes.readUInt32BE();
}
