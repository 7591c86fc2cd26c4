import type { MessageName } from './codec.ts';

/**
 * The whole conversation between a client and the server, one protobuf Frame a packet over SOCK_SEQPACKET. A
 * connection is one crash. The server believes SO_PEERCRED for who the client is, and speaks to root only.
 *
 * ```
 * client                         server
 * ── state `connected` ──────────────────────────────────────────────────────────────────────────
 * CrashEvent ─────────────────►         a new crash
 *            ◄───────────────── ReportGranted + 4 descriptors (text, JSON, small core, captured record)
 * ── state `capturing` ──────────────────────────────────────────────────────────────────────────
 * Captured + descriptors ─────►         the process has been let go; small core and captured record are whole
 *            ◄───────────────── AnalysisGranted: a place is free
 *            ◄───────────────── AnalysisDeferred: none is; ends the conversation
 * ── state `analysing` ──────────────────────────────────────────────────────────────────────────
 * Completed ──────────────────►         text and JSON are whole
 *            ◄───────────────── Published: the report has its name; ends the conversation
 *
 * ── state `connected`, a client that the server started for a deferred crash ────────────────────
 * ResumeAnalysis ─────────────►
 *            ◄───────────────── ReportGranted + 4 descriptors, small core and captured record filled
 *            ◄───────────────── AnalysisGranted + descriptors; then as in `analysing`
 *
 * ── state `connected`, crashes that repeat others ───────────────────────────────────────────────
 * Repeats ────────────────────►
 *            ◄───────────────── Counted: the history has them; ends the conversation
 * ```
 *
 * The descriptors of Captured are the files that the process had mapped, as far as one message carries them (253). The
 * server keeps them until the crash has its report and hands them to the client that it starts for a deferred one, as far
 * as it has room (server/module-files.ts); what is missing, and all of it after a restart, that client opens by its path.
 * Descriptors that come with any other message are closed.
 *
 * CrashEvent may be answered Refused REPEAT: the crash is in the history as a repeat of another, and nothing is to be kept of it.
 * The refusal says for how long the server will go on refusing that quick key. A client that believes it captures less, and tells of
 * those crashes in Repeats, as many at once as came meanwhile; each says what it repeats (`repeat_of`), and is always counted. Captured may be answered Refused NO_ROOM: there is
 * no room for it within the server's bounds, and the client must not take some beside them.
 *
 * A client that was granted a report may say Aborted (no report will come of this), and at any time the server Refused (why
 * it ends the conversation); both end it. An empty packet is the end as well: SOCK_SEQPACKET does not tell one from the other. A message that the state does not allow is Refused WRONG_STATE; one that cannot be
 * read is Refused with its reason; neither harms another conversation.
 *
 * A CrashEvent that says by which pattern its program is excluded is answered by Refused EXCLUDED: it is counted, and that was
 * all.
 *
 * A grant never waits for another crash: only analysis has a limited number of places and a pace ({@link Captured} is
 * answered at once either way). What is granted costs nothing but four unnamed files, so there is nothing to give back.
 *
 * What follows when a side stays silent or goes away:
 *
 * | who waits, for what | limit | then |
 * | --- | --- | --- |
 * | client: connection, ReportGranted | {@link GRANT_TIMEOUT_MS} | goes on without a server, see below |
 * | client for a deferred crash: ReportGranted | {@link ANSWER_TIMEOUT_MS} | is started again, at last without gdb |
 * | client: answer to Captured | {@link ANSWER_TIMEOUT_MS} | analyses all the same, and keeps the report itself |
 * | client: Published | {@link PUBLISH_TIMEOUT_MS} | keeps the report itself |
 * | server: first message | {@link FIRST_MESSAGE_TIMEOUT_MS} | Refused TIMEOUT |
 * | server: Captured | {@link CAPTURE_TIMEOUT_MS} | Refused TIMEOUT; history: not collected |
 * | server: Completed | {@link ANALYSIS_TIMEOUT_MS} | Refused TIMEOUT; analysed again by a new client, at last without gdb |
 *
 * A report that could not be stored for want of room is no failed analysis: Aborted says so (of a client that was started
 * for a deferred crash its exit code as well, no-room-exit.ts), and it is tried again after pauses that grow.
 *
 * A client that goes away before Captured leaves a history line with the reason; after Captured nothing is lost,
 * because the server has linked small core and captured record into `.pending` before it answered.
 *
 * Without a server (none listens, it has no files to give, or it goes away) the client keeps what it has in
 * `.pending` of the log directory under the crash id (see report/pending-files.ts), from where a server publishes it.
 */
export const GRANT_TIMEOUT_MS = 1_000;
/** See the table above. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** See the table above: publishing waits for the disk. */
export const PUBLISH_TIMEOUT_MS = 30_000;
/** See the table above. */
export const FIRST_MESSAGE_TIMEOUT_MS = 5_000;
/** See the table above: a process of 10,000 threads and a stalled disk are well inside it. */
export const CAPTURE_TIMEOUT_MS = 60_000;
/** See the table above: gdb's own limit is far lower. */
export const ANALYSIS_TIMEOUT_MS = 120_000;

/** Where a conversation stands, as the server sees it. */
export type State = 'connected' | 'capturing' | 'analysing' | 'ended';

/** What a client may say in each state. */
export const ALLOWED: Readonly<Record<State, readonly MessageName[]>> = {
  connected: ['crashEvent', 'resumeAnalysis', 'repeats'],
  capturing: ['captured', 'aborted'],
  analysing: ['completed', 'aborted'],
  ended: [],
};

/** Name of the server's socket in the run directory. */
export const SERVER_SOCKET = 'server.sock';
