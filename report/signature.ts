import { createHash } from 'node:crypto';
import { normaliseFunction } from './normalise-function.ts';
import type { Record as CrashRecord, Frame, Module } from './record.ts';
import { shownThread } from './shown-thread.ts';
import { BELOW, IRRELEVANT, isListed, LAST, PREFIX, RUNTIME_MODULES } from './signature-lists.ts';

/** Frames that count; more would tell the same crash apart by where it was called from. */
const MAX_COUNTED = 3;
/** Frames in all, with those that do not count. */
const MAX_PARTS = 8;
/** Frames looked at: a deep recursion is one name all the way. */
const MAX_FRAMES = 512;

/** What groups the same crash: on one machine, across machines, across versions of a program. */
export interface Signature {
  /** `SIGSEGV | process_data | handle_request | main` */
  text: string;
  /** 16 hex digits of a SHA-256 over the parts. */
  hash: string;
}

/**
 * The signature of a crash: its signal and the first frames of the crashed thread that say something.
 *
 * After the rules of Socorro (Mozilla): names are normalised, frames that only carry the failure (abort, panic) are
 * dropped (as are unnamed ones of the C and C++ libraries), frames that anybody calls (memcpy, malloc) do not count, a name that is there already (recursion) is not
 * taken twice, and `main` or what starts a thread ends it. A frame without a name is its module and the offset in it;
 * the hash then holds the build-id too, because the offset means nothing in another build. A frame in no module
 * (a jump to nowhere, generated code) is `??`, at address 0 `0x0`.
 *
 * @returns Null where the crashed thread has no frames.
 */
export function signatureOf(record: Pick<CrashRecord, 'signal' | 'threads' | 'modules'>): Signature | null {
  const frames = crashedFrames(record);
  if (frames.length === 0) return null;
  const parts = framesThatCount(frames).map((frame) => partOf(frame, record.modules ?? []));
  const unique = parts.filter((part, at) => parts.findIndex((other) => other.key === part.key) === at);
  const signal = record.signal === null ? [] : [record.signal.name];
  const hash = createHash('sha256');
  hash.update([...signal, ...unique.map((part) => part.key)].join('\n'));
  return {
    text: [...signal, ...unique.map((part) => part.text)].join(' | '),
    hash: hash.digest('hex').slice(0, 16),
  };
}

/**
 * The frame of the shown thread in which a person would begin to look: the first of the program's own doing, below abort, raise, panic and
 * memcpy. Null where there are no frames.
 */
export function placeOfCrash(record: Pick<CrashRecord, 'threads'>): Frame | null {
  const frames = (shownThread(record)?.frames ?? []).slice(0, MAX_FRAMES);
  // However many frames of the runtime are above it: Rust's containers and malloc under them are more than a signature has.
  const counted = framesThatCount(frames, Number.POSITIVE_INFINITY);
  return counted.find((frame) => !isPrefix(frame)) ?? counted[0] ?? null;
}

/**
 * The innermost frame of the shown thread that is not the C or C++ library's: what a program that waits was about. Null
 * where there are no frames.
 */
export function placeOfProgram(record: Pick<CrashRecord, 'threads'>): Frame | null {
  const frames = shownThread(record)?.frames ?? [];
  // Frames in no module are the vdso's, by which i386 enters the kernel.
  const isOwn = ({ module, signalHandler }: Frame) =>
    module !== null && !signalHandler && !isListed([RUNTIME_MODULES], baseName(module));
  return frames.find(isOwn) ?? frames[0] ?? null;
}

/** Whether a frame only carries the failure and is no place where anything went wrong. */
export function isIrrelevant(frame: Frame): boolean {
  if (frame.signalHandler) return true;
  if (frame.function !== null) return isListed(IRRELEVANT, nameOf(frame));
  return frame.module !== null && isListed([RUNTIME_MODULES], baseName(frame.module));
}

/** Whether a frame is below everything that a program itself does. */
export function isBelowProgram(frame: Frame): boolean {
  return frame.function !== null && isListed(BELOW, nameOf(frame));
}

function framesThatCount(frames: readonly Frame[], maxParts = MAX_PARTS): Frame[] {
  const chosen: Frame[] = [];
  const seen = new Set<string>();
  let counted = 0;
  for (const frame of frames) {
    if (isIrrelevant(frame)) continue;
    if (isBelowProgram(frame) && chosen.length > 0) break;
    const key = frame.function === null ? `${frame.module}+${frame.moduleOffset}` : nameOf(frame);
    if (!seen.has(key)) {
      seen.add(key);
      chosen.push(frame);
      if (!isPrefix(frame)) counted += 1;
    }
    const isEnd = frame.function !== null && isListed(LAST, nameOf(frame));
    if (isEnd || counted >= MAX_COUNTED || chosen.length >= maxParts) break;
  }
  if (chosen.some((frame) => !isInvented(frame, frames))) return chosen;
  // A thread of nothing but abort and its callers: better those than nothing.
  const known = frames.filter((frame) => !isInvented(frame, frames));
  if (known.length > 0) return known.slice(0, MAX_COUNTED);
  return chosen.length > 0 ? chosen : frames.slice(0, MAX_COUNTED);
}

/**
 * Whether an unwinder has made a frame up: it has no name, in a module that has names for others. Where Go's runtime
 * switches stacks to die, gdb goes on through what happens to lie there.
 */
function isInvented(frame: Frame, frames: readonly Frame[]): boolean {
  if (frame.function !== null) return false;
  // Nowhere at all: made up where the rest is, and a jump to nowhere otherwise.
  if (frame.module === null) return true;
  return frames.some(({ module, function: name }) => module === frame.module && name !== null);
}

function isPrefix(frame: Frame): boolean {
  return frame.function !== null && isListed(PREFIX, nameOf(frame));
}

function nameOf(frame: Frame): string {
  return normaliseFunction(frame.function ?? '');
}

function crashedFrames({ threads }: Pick<CrashRecord, 'threads'>): Frame[] {
  return (threads?.find((thread) => thread.crashed)?.frames ?? []).slice(0, MAX_FRAMES);
}

function partOf(frame: Frame, modules: readonly Module[]): { text: string; key: string } {
  if (frame.signalHandler) return { text: '<signal handler>', key: '<signal handler>' };
  if (frame.function !== null) {
    const name = nameOf(frame);
    return { text: name, key: name };
  }
  if (frame.module === null || frame.moduleOffset === null) {
    const text = frame.pc !== null && /^0+$/.test(frame.pc) ? '0x0' : '??';
    return { text, key: text };
  }
  const name = baseName(frame.module);
  const offset = `0x${frame.moduleOffset.replace(/^0+(?=.)/, '')}`;
  const module = modules.find(
    ({ path, name: linkerName }) => frame.module === path || frame.module === linkerName,
  );
  return { text: `${name}+${offset}`, key: `${name}@${module?.buildId ?? ''}+${offset}` };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
