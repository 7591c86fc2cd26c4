import { join } from 'node:path';

/** cage.s as the build writes it: beside the programs in dist/. */
export const CAGE_PROGRAM = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, '../../dist/usercrash-cage')
  : join(import.meta.dirname, 'usercrash-cage');
