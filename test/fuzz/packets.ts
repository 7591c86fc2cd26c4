/** As many as a conversation could have, twice. */
const MAX_PACKETS = 16;
/** What a length of 2 bytes can say. */
export const MAX_PACKET_BYTES = 0xffff;

/**
 * Packets of one conversation in one input: each with its length, 2 bytes, before it.
 *
 * @throws {RangeError} Where one has more than {@link MAX_PACKET_BYTES}.
 */
export function joinPackets(packets: readonly Buffer[]): Buffer {
  return Buffer.concat(
    packets.flatMap((packet) => {
      const length = Buffer.alloc(2);
      length.writeUInt16LE(packet.length);
      return [length, packet];
    }),
  );
}

/** The packets of an input; a length that leads beyond its end means what is left. Empty ones, which end a conversation, are left out. */
export function packetsIn(input: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at + 2 <= input.length && packets.length < MAX_PACKETS; ) {
    const from = at + 2;
    at = from + input.readUInt16LE(at);
    const packet = input.subarray(from, at);
    if (packet.length > 0) packets.push(packet);
  }
  return packets;
}
