import type { Instruction } from '../../report/record.ts';
import type { GdbReply, GdbSession } from './gdb-session.ts';
import { addressIn, numberIn, textIn, tuplesIn } from './parse-mi.ts';

/** Instructions shown before and after the one at pc. */
const BEFORE = 10;
const AFTER = 6;
/** 15 bytes is the longest x86 instruction: room for {@link AFTER} and the one at pc; less where memory ends earlier. */
const AFTER_BYTES = [105, 32, 15, 1];
/**
 * How far back the disassembly starts at most. Where that is inside the function it may start inside an instruction;
 * x86 code falls back into step after some ten bytes, and what does not meet pc in the end is not shown.
 */
const MAX_BEFORE_BYTES = 1024;

/**
 * Disassembles around pc: some instructions before it, where the function that holds it is known, and some after.
 *
 * @param pc Of the crashed thread's innermost frame.
 * @returns Instructions in the order of their addresses; a reason where there is no code at pc.
 */
export async function readCode(
  gdb: GdbSession,
  pc: bigint,
): Promise<{ ok: true; code: Instruction[] } | { ok: false; reason: string }> {
  const replies = AFTER_BYTES.map((bytes) => disassemble(gdb, pc, pc + BigInt(bytes)));
  let after: Instruction[] = [];
  let reason = 'gdb printed no instruction';
  for (const reply of replies) {
    const read = await reply;
    if (read.ok && after.length === 0) after = instructionsIn(read, pc).slice(0, AFTER + 1);
    else if (!read.ok) reason = read.reason;
  }
  const [current] = after;
  if (current === undefined) return { ok: false, reason };
  const offset = current.function === null ? 0 : (current.offset ?? 0);
  if (offset === 0) return { ok: true, code: after };
  const start = pc - BigInt(Math.min(offset, MAX_BEFORE_BYTES));
  const before = instructionsIn(await disassemble(gdb, start, pc + 1n), pc);
  const isInStep = before.pop()?.address === current.address;
  return { ok: true, code: isInStep ? [...before.slice(-BEFORE), ...after] : after };
}

function disassemble(gdb: GdbSession, start: bigint, end: bigint): Promise<GdbReply> {
  return gdb.send(`-data-disassemble -s 0x${start.toString(16)} -e 0x${end.toString(16)} -- 0`);
}

function instructionsIn(reply: GdbReply, pc: bigint): Instruction[] {
  if (!reply.ok) return [];
  return tuplesIn(reply.results, 'asm_insns').flatMap((tuple) => {
    const address = addressIn(tuple, 'address');
    const text = textIn(tuple, 'inst');
    if (address === null || text === null) return [];
    return {
      address: address.toString(16).padStart(16, '0'),
      function: textIn(tuple, 'func-name'),
      offset: numberIn(tuple, 'offset'),
      text,
      current: address === pc,
    };
  });
}
