/** What every ELF file begins with. */
export const ELF_MAGIC: Buffer = Buffer.from('\x7fELF', 'latin1');
