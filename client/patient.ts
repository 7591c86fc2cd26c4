/** Nice value of everything after the release; gdb is nicer still. */
export const PATIENT = 10;
