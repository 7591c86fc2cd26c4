import { checked, libc } from './libc.ts';

const teeCall = libc.func('long tee(int from, int to, size_t length, uint flags)');

/** fcntl.h: SPLICE_F_NONBLOCK */
const SPLICE_F_NONBLOCK = 2;

/**
 * Copies what is in one pipe into another without taking it out of the first: tee(2).
 *
 * @param from Reading end of the pipe to look into.
 * @param to Writing end of the pipe to copy to.
 * @param length At most so many bytes.
 * @param options `block` waits for data in `from` and room in `to`; otherwise EAGAIN is thrown.
 * @returns Bytes copied; 0 means that `from` is empty and has no writer left.
 * @throws {SystemCallError} EAGAIN, EINVAL (not two different pipes).
 */
export function tee(from: number, to: number, length: number, options: { block: boolean }): number {
  return checked('tee', `${from} to ${to}`, () =>
    teeCall(from, to, length, options.block ? 0 : SPLICE_F_NONBLOCK),
  );
}
