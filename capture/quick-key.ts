import { RED_ZONE_BYTES } from './arch/x86-64.ts';
import type { CoreHead, LoadedModule } from './captured.ts';
import { type CodeMemory, wordsOf } from './code-memory.ts';
import type { Address, DumpedMemory } from './process-memory.ts';

/**
 * How much of the stack is looked at. Between abort() and the program's own frames lie some 700 bytes (glibc 2.36:
 * raise, abort, __assert_fail), and some 1,500 with a printf in between.
 */
const SCAN_BYTES = 4096;
/** Return addresses that count: enough to reach the program's own frames through the C library's. */
const MAX_ADDRESSES = 12;

/**
 * A name for "the same crash", without an unwinder: the signal and its code, where the thread stood, and the return
 * addresses on its stack, each as build-id and offset, so that it is the same in every run, at every load address and on
 * every machine that has the same builds.
 *
 * Where all stood at one instruction of the C library (abort, assert, a double free) the return addresses tell them
 * apart. Words that only look like return addresses are told by the call before them; what is left of earlier calls is
 * as constant as the code that made them.
 *
 * @returns 16 hex digits.
 */
export function quickKey(
  head: Pick<CoreHead, 'threads' | 'signal'>,
  modules: readonly LoadedModule[],
  sources: { memory: DumpedMemory; code: CodeMemory },
): string {
  const registers = head.threads[0]?.registers;
  const hash = new Fnv1a64();
  hash.add(`${head.signal?.number ?? 0} ${head.signal?.code ?? 0}`);
  const pc = Number(registers?.get('rip') ?? 0n);
  hash.add(placeOf(pc, modules));
  const sp = Number(registers?.get('rsp') ?? 0n);
  const stack = sources.memory.read(sp - (sp > RED_ZONE_BYTES ? sp % 8 : 0), SCAN_BYTES);
  let found = 0;
  for (const word of wordsOf(stack)) {
    if (!sources.code.isReturnAddress(word)) continue;
    hash.add(placeOf(word, modules));
    found += 1;
    if (found === MAX_ADDRESSES) break;
  }
  return hash.digest();
}

/** `BUILDID+1a2b`; the path where a file has no build-id; `-` for an address in no file. */
function placeOf(address: Address, modules: readonly LoadedModule[]): string {
  const module = modules.find(({ start, end }) => address >= Number(start) && address < Number(end));
  if (module === undefined) return address === 0 ? '0' : '-';
  return `${module.buildId ?? module.path?.toString('latin1')}+${(address - Number(module.start)).toString(16)}`;
}

/**
 * FNV-1a with 64 bits, as two numbers. A key is no secret and no proof, it only has to be spread well; node:crypto would
 * cost 2 ms to load while a process is held.
 */
class Fnv1a64 {
  #high = 0xcbf29ce4;
  #low = 0x84222325;

  add(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.#byte(text.charCodeAt(index) & 0xff);
    this.#byte(0);
  }

  digest(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
  }

  /** Times the prime 2^40 + 2^8 + 0xb3. */
  #byte(byte: number): void {
    const low = (this.#low ^ byte) >>> 0;
    const product = low * 0x1b3;
    const carry = Math.floor(product / 0x1_0000_0000);
    this.#high = (Math.imul(this.#high, 0x1b3) + carry + (low << 8)) >>> 0;
    this.#low = product >>> 0;
  }
}
