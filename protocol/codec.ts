import { UsercrashError } from '../errors/usercrash-error.ts';
import { isCrashId } from './crash-id.ts';
import { usercrash } from './usercrash.gen.js';

/** The version of the conversation that this code speaks. */
export const PROTOCOL_VERSION = 1;

/**
 * Largest frame, in bytes. A message carries names and numbers, never a core: the largest field is an executable's
 * path (PATH_MAX is 4,096).
 */
export const MAX_FRAME_BYTES = 64 * 1024;

/** Why a server says no. */
export const Reason = usercrash.Refused.Reason;
export type Reason = usercrash.Refused.Reason;

/** A message without protobuf's nulls: what was not sent has its default (0, '', no bytes). */
type Filled<T> = { [K in Exclude<keyof T, '$unknowns'>]-?: NonNullable<T[K]> };

export type CrashEvent = Filled<usercrash.CrashEvent.$Properties>;
export type Completed = Filled<usercrash.Completed.$Properties>;
export type ModuleFile = Filled<usercrash.ModuleFile.$Properties>;
/** A message with files, whose fields are filled as well. */
type WithFiles<T> = Omit<Filled<T>, 'files'> & { files: ModuleFile[] };
export type Captured = WithFiles<usercrash.Captured.$Properties>;
/** Crashes that repeat others. */
export interface Repeats {
  crashes: CrashEvent[];
}

/** Every message by its name in the Frame's oneof. */
export interface Messages {
  crashEvent: CrashEvent;
  reportGranted: Filled<usercrash.ReportGranted.$Properties>;
  captured: Captured;
  analysisGranted: WithFiles<usercrash.AnalysisGranted.$Properties>;
  analysisDeferred: Filled<usercrash.AnalysisDeferred.$Properties>;
  completed: Completed;
  aborted: Filled<usercrash.Aborted.$Properties>;
  refused: Filled<usercrash.Refused.$Properties>;
  resumeAnalysis: Filled<usercrash.ResumeAnalysis.$Properties>;
  published: Filled<usercrash.Published.$Properties>;
  repeats: Repeats;
  counted: Filled<usercrash.Counted.$Properties>;
}

export type MessageName = keyof Messages;

/** One message, told apart by `name`. */
export type Message = { [K in MessageName]: { name: K; value: Messages[K] } }[MessageName];

/** A frame that cannot be understood; `reason` is what the other side is told. */
export class FrameError extends UsercrashError {
  readonly reason: Reason;

  constructor(code: string, reason: Reason, message: string, options: { cause?: unknown } = {}) {
    super(code, message, options);
    this.reason = reason;
  }
}

/** The bytes of one packet. */
export function encodeMessage<K extends MessageName>(name: K, value: Messages[K]): Buffer {
  const bytes = usercrash.Frame.encode({ version: PROTOCOL_VERSION, [name]: value }).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads one packet. Fields that this version does not know are passed over.
 *
 * @param bytes From the peer: anything.
 * @throws {FrameError} E_FRAME_TOO_LARGE, E_FRAME_MALFORMED, E_FRAME_VERSION, or E_FRAME_UNKNOWN for a message that
 *   this version does not have.
 */
export function decodeMessage(bytes: Buffer): Message {
  if (bytes.length > MAX_FRAME_BYTES) {
    const text = `Frame is over the limit of ${MAX_FRAME_BYTES} bytes`;
    throw new FrameError('E_FRAME_TOO_LARGE', Reason.FRAME_TOO_LARGE, text);
  }
  const frame = decodeFrame(bytes);
  if (frame.version < 1) {
    throw new FrameError(
      'E_FRAME_VERSION',
      Reason.VERSION,
      `Frame has version ${frame.version}, the lowest is 1`,
    );
  }
  const name = frame.body;
  const value = name === undefined ? undefined : frame[name];
  if (name === undefined || value === undefined || value === null) {
    const text = `Frame of ${bytes.length} bytes, version ${frame.version}, has no message that version ${PROTOCOL_VERSION} knows`;
    throw new FrameError('E_FRAME_UNKNOWN', Reason.UNKNOWN_MESSAGE, text);
  }
  // protobufjs gives every decoded message its defaults by the prototype: no field is null or absent.
  return { name, value } as Message;
}

function decodeFrame(bytes: Buffer): usercrash.Frame {
  try {
    return usercrash.Frame.decode(bytes);
  } catch (error) {
    const text = `Frame of ${bytes.length} bytes is no protobuf message`;
    throw new FrameError('E_FRAME_MALFORMED', Reason.MALFORMED, text, { cause: error });
  }
}

const MAX_AT_US = 1e16;

/** Whether ids and time of a crash can be what they say: a double may be no number at all. */
export function isCrashEvent({ crashId, atUs, repeatOf }: CrashEvent): boolean {
  return isCrashId(crashId) && atUs >= 0 && atUs < MAX_AT_US && (repeatOf === '' || isCrashId(repeatOf));
}
