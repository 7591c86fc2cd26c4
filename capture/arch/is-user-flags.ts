/** EFLAGS (Intel SDM, volume 1, 3.4.3): bit 1 is always set, and interrupts are on (bit 9) whenever a user's code runs. */
const SET = 0x202;
/** Bits 3, 5, 15 and from 22 on are always clear. */
const CLEAR = 0xffc0_8028;

/** Whether a word may be the flags of a processor that executes a program: few other words may. */
export function isUserFlags(word: number): boolean {
  return word <= 0xffff_ffff && (word & SET) === SET && (word & CLEAR) === 0;
}
