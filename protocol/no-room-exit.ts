/**
 * Exit code of a client that was started for a deferred crash and found no room to store its report, which is no fault of
 * the analysis: EX_TEMPFAIL, sysexits.h.
 */
export const NO_ROOM_EXIT = 75;
