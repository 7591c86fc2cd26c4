import { checked, libc } from './libc.ts';

const capsetCall = libc.func('int capset(void *header, const void *data)');
const capgetCall = libc.func('int capget(void *header, void *data)');

/** linux/capability.h: _LINUX_CAPABILITY_VERSION_3, two sets of 32 bits of {effective, permitted, inheritable}. */
const VERSION = 0x2008_0522;
const SET_BYTES = 12;

/**
 * Makes exactly these capabilities effective for this thread, as far as it may have them; what it may have stays: capset(2).
 *
 * @param wanted As CapEff in /proc/PID/status: bit n is capability n.
 */
export function setEffectiveCapabilities(wanted: bigint): void {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(VERSION);
  const sets = Buffer.alloc(2 * SET_BYTES);
  checked('capget', 'this thread', () => capgetCall(header, sets));
  for (const index of [0, 1]) {
    const permitted = sets.readUInt32LE(index * SET_BYTES + 4);
    const effective = Number((wanted >> BigInt(32 * index)) & 0xffff_ffffn);
    sets.writeUInt32LE((effective & permitted) >>> 0, index * SET_BYTES);
  }
  checked('capset', 'this thread', () => capsetCall(header, sets));
}
