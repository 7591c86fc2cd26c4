import { architectureOf } from './arch/architecture.ts';
import type { CoreHead } from './captured.ts';
import { fnv1a64 } from './fnv1a64.ts';
import { registerAddress } from './noted-thread.ts';
import { AT_EXECFN, type StackBounds } from './stack-in-use.ts';
import { type ScanInput, StackScan, type ThreadPlace } from './stack-scan.ts';

/** A crash within a handler, and one within a handler that interrupted that. */
const MAX_STACKS = 3;
/** How near to sp an access must fail for the stack to have overflowed; frames are seldom larger. */
const OVERFLOW_BYTES = 64 * 1024;
const SIGSEGV = 11;
/** getauxval(3): where the program began. */
const AT_ENTRY = 9n;

/**
 * A key that is the same for the same crash of the same build, across runs, machines and address randomisation: signal
 * and code, and as build-id plus offset the faulting instruction and the return addresses that a short look at the stack
 * finds. No unwinder: of the words that point behind a call instruction in a module's code, those that fit each other as
 * caller and callee (call-chain.ts). Where a signal's handler died, what the signal interrupted counts as well.
 *
 * A stack overflow may end in any function of the recursion: there the set of return addresses makes the key.
 *
 * @param input Null where the memory could not be opened.
 * @returns 16 hex digits.
 */
export function quickKey(head: CoreHead, input: ScanInput | null): string {
  return fnv1a64(quickKeyParts(head, input).join('\n'));
}

/** What the key is made of, for whoever wants to know why two differ. */
export function quickKeyParts(head: CoreHead, input: ScanInput | null): string[] {
  const { signal, threads } = head;
  const parts = [`${signal?.number ?? '?'}:${signal?.code ?? '?'}`];
  const architecture = architectureOf(head);
  const [thread] = threads;
  if (architecture === null || thread === undefined || input === null) return parts;
  const register = (name: string) => registerAddress(thread, name);
  const bounds: StackBounds = {
    control: register(architecture.threadPointer),
    mainStackAddress: Number(head.auxv.get(AT_EXECFN) ?? 0n),
    alternate: [],
  };
  const scan = new StackScan(input, architecture, Number(head.auxv.get(AT_ENTRY) ?? 0n));
  let place: ThreadPlace = {
    pc: register(architecture.pc),
    sp: register(architecture.sp),
    framePointer: register(architecture.framePointer),
  };
  const fault = signal?.number === SIGSEGV ? signal.address : null;
  let mayOverflow = fault !== null && Math.abs(Number(fault) - place.sp) <= OVERFLOW_BYTES;
  for (let count = 0; count < MAX_STACKS; count += 1) {
    const stack = scan.stackAt(place.sp, bounds);
    const isAtBottom = stack !== null && place.sp - stack.bottom < OVERFLOW_BYTES;
    const recursion = mayOverflow && isAtBottom ? scan.recursion(stack) : [];
    if (recursion.length > 0) parts.push('overflow', ...recursion);
    else parts.push(scan.placeOf(place.pc), ...(stack === null ? [] : scan.returnPlaces(place, stack)));
    if (stack?.interrupted == null) break;
    parts.push('signal');
    place = stack.interrupted;
    // Which signal that was is not looked at: a recursion at the very end of a stack says enough.
    mayOverflow = true;
  }
  return parts;
}
