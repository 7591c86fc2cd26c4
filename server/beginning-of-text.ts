import { openIfThere } from './open-if-there.ts';

const LENGTH = 512;

/** The first bytes of a report's text, in which the crash's id is, one character each; none where there is no such file. */
export async function beginningOfText(path: string): Promise<string> {
  const file = await openIfThere(path);
  if (file === null) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LENGTH), 0, LENGTH, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
