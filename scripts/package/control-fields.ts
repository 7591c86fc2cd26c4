/** Who is asked about the package; it is nobody's address, as long as there is none for all. */
export const MAINTAINER = 'usercrash developers <usercrash@localhost>';

/** What the ELF files ask for, Node most of all; a test looks. */
export const OLDEST_GLIBC = '2.28';

/** The fields of the .deb's control file, in their order, without the size. */
export function controlFields(version: string, architecture: string): Record<string, string> {
  return {
    Package: 'usercrash',
    Version: version,
    Architecture: architecture,
    Maintainer: MAINTAINER,
    // gdb makes the backtrace, without which a report is little.
    Depends: `libc6 (>= ${OLDEST_GLIBC}), libgcc-s1, libstdc++6 (>= 8), gdb, passwd`,
    // The journal; a report without it says why.
    Recommends: 'libsystemd0',
    // Who starts it, where nobody else does; the C library's symbols; packed cores for `debugger --core`.
    Suggests: 'systemd, libc6-dbg, xz-utils, lz4',
    Section: 'utils',
    Priority: 'optional',
    Description: `crash reports for every program, without preparing for them
 When a program crashes, usercrash writes a report that says what died, where
 and why, milliseconds later: backtrace with variables, source lines, threads,
 registers, memory, open files and the journal before it.
 .
 Collection is off after the installation: crashlogctl enable turns it on.
 .
 The package brings a Node.js of its own, which no other program uses.`,
  };
}
