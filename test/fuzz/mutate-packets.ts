import { type Mutation, mutate, type Random } from './mutate.ts';
import { joinPackets, MAX_PACKET_BYTES, packetsIn } from './packets.ts';

/** More than a conversation has. */
const MAX_PACKETS = 12;

/**
 * Changes a conversation: packets said twice, left out, in another order, or out of another conversation, and changed bytes within
 * one of them. Lengths are made to fit, so that what follows a change is still understood; what has grown too long for one is
 * cut off.
 */
export const mutatePackets: Mutation = (bytes, random, others) => {
  const packets = packetsIn(bytes);
  const strange = packetsIn(others[random(others.length)] ?? bytes);
  for (let count = 1 + random(3); count > 0; count -= 1) change(packets, strange, random);
  const fitting = packets.slice(0, MAX_PACKETS).map((packet) => packet.subarray(0, MAX_PACKET_BYTES));
  return joinPackets(fitting);
};

function change(packets: Buffer[], strange: readonly Buffer[], random: Random): void {
  const at = random(packets.length + 1);
  const other = strange[random(strange.length)] ?? Buffer.alloc(0);
  const here = packets[at] ?? other;
  switch (random(6)) {
    case 0:
      packets.splice(at, 0, here);
      break;
    case 1:
      packets.splice(at, 1);
      break;
    case 2:
      packets.splice(at, 1, ...packets.splice(random(packets.length + 1), 1, here));
      break;
    case 3:
      packets.splice(at, random(2), other);
      break;
    default:
      packets[at] = mutate(here, random, [here, other]);
  }
}
