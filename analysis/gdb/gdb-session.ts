import { setTimeout as sleep } from 'node:timers/promises';
import { type GdbProcess, type GdbProcessOptions, startGdbProcess } from './gdb-process.ts';
import { type MiTuple, parseMiLine, textIn } from './parse-mi.ts';

/** What a command came to: its results and what it printed as console text, or why there are none. */
export type GdbReply = { ok: true; results: MiTuple; text: string } | { ok: false; reason: string };

export interface GdbSessionOptions extends Omit<GdbProcessOptions, 'cpuSeconds'> {
  /** For the whole session, from its start. */
  runMs: number;
  /** For one command, from when gdb could begin with it. Over it the command is interrupted, the session goes on. */
  commandMs: number;
  /** Most bytes that gdb may print in all, stderr included. */
  outputBytes: number;
  /** Ends the session when a person has had enough. */
  interrupted?: AbortSignal;
  /** Commands that are refused: an earlier gdb has ended over them. */
  avoided?: ReadonlySet<string>;
}

interface Pending {
  token: number;
  command: string;
  text: string;
  resolve: (reply: GdbReply) => void;
}

/** Longest line; the answer for 256 frames with all arguments is some 100 KiB. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** Console text kept of one command. */
const MAX_TEXT = 1024 * 1024;
/** gdb 13, dwarf2/read.c: a skeleton whose file of split debug information it did not find. */
const MISSING_DWO = /Could not find DWO CU ([^\0\n]{1,1024})\(0x[0-9a-f]+\) referenced by CU/;
const MAX_MISSING = 64;
/** How long gdb may take to obey an interrupt: it does not while it waits in open(2) for a FIFO's writer. */
const INTERRUPT_MS = 1000;
/** For what is left in the pipe when gdb has ended; a child of its may hold the other end for ever. */
const LAST_WORDS_MS = 200;

/**
 * A conversation with one gdb. Commands may be sent without awaiting the ones before: gdb answers in order and has
 * no pause between them. Nothing here rejects: once gdb is gone, too slow or too loud, everything outstanding and
 * everything later is answered with the reason, and what came before remains good.
 */
export class GdbSession {
  readonly #process: GdbProcess;
  readonly #options: GdbSessionOptions;
  readonly #runTimer: NodeJS.Timeout;
  #commandTimer: NodeJS.Timeout | undefined;
  #pending: Pending[] = [];
  #lastToken = 0;
  #line: string[] = [];
  #lineBytes = 0;
  #outputBytes = 0;
  #failure: string | null = null;
  #fatalCommand: string | null = null;
  #version: string | null = null;
  readonly #missingDwo = new Set<string>();
  /** What comes before the first prompt is gdb's greeting. */
  #isGreeted = false;

  constructor(options: GdbSessionOptions) {
    this.#options = options;
    this.#process = startGdbProcess({ ...options, cpuSeconds: cpuSecondsFor(options.runMs) });
    this.#runTimer = setTimeout(
      () => this.#fail(`gdb had not ended after ${options.runMs} ms`),
      options.runMs,
    );
    options.interrupted?.addEventListener('abort', () => this.#fail('gdb was interrupted'), { once: true });
    this.#process.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#process.stderr.on('data', (chunk: Buffer) => this.#count(chunk.length));
    // A broken pipe is how the end of gdb shows itself first; `ended` has the reason.
    for (const stream of [this.#process.stdin, this.#process.stdout, this.#process.stderr]) {
      stream.on('error', () => undefined);
    }
    this.#process.ended.then((reason) => this.#end(reason)).catch(() => undefined);
  }

  /** As gdb's first line says it: `GNU gdb (Debian 13.1-3) 13.1`; null before that or where it said none. */
  get version(): string | null {
    return this.#version;
  }

  /** Names of the files of split debug information that gdb has looked for in vain, each byte a character. */
  get missingDwo(): string[] {
    return [...this.#missingDwo];
  }

  /** What its cage lacks, in words; whole once it has answered. */
  missingParts(): string[] {
    return this.#process.missingParts();
  }

  /** Why no more answers come, null while they do. */
  get failure(): string | null {
    return this.#failure;
  }

  /** What gdb was at when it ended of itself; null where it has not. */
  get fatalCommand(): string | null {
    return this.#fatalCommand;
  }

  /**
   * Sends one command.
   *
   * @param command An MI command, made from our own words and numbers only: nothing that a crashed program chose
   *   may be part of it.
   */
  send(command: string): Promise<GdbReply> {
    if (/[\n\r\0]/.test(command)) throw new TypeError('A gdb command must be one line');
    if (this.#failure !== null) return Promise.resolve({ ok: false, reason: this.#failure });
    if (this.#options.avoided?.has(command)) return Promise.resolve(avoided);
    this.#lastToken += 1;
    const token = this.#lastToken;
    this.#process.stdin.write(`${token}${command}\n`);
    return new Promise((resolve) => {
      this.#pending.push({ token, command, text: '', resolve });
      if (this.#pending.length === 1) this.#startCommandTimer();
    });
  }

  /** Sends a command of gdb's command line. Its answer is the text that it prints. */
  sendConsole(command: string): Promise<GdbReply> {
    return this.send(`-interpreter-exec console "${command.replaceAll(/["\\]/g, '\\$&')}"`);
  }

  /** Kills gdb, whatever it is at. Nobody waits until the kernel has taken it apart, which may be never. */
  close(): void {
    this.#fail('gdb was ended');
  }

  #startCommandTimer(): void {
    clearTimeout(this.#commandTimer);
    if (this.#pending.length === 0) return;
    const { commandMs } = this.#options;
    this.#commandTimer = setTimeout(() => {
      this.#process.interrupt();
      this.#commandTimer = setTimeout(
        () => this.#fail(`gdb did not answer within ${commandMs} ms`),
        INTERRUPT_MS,
      );
    }, commandMs);
  }

  /** What it said last may still be in the pipe. */
  async #end(reason: string): Promise<void> {
    const said = new Promise((resolve) => this.#process.stdout.once('close', resolve));
    if (!this.#process.stdout.closed) await Promise.race([said, sleep(LAST_WORDS_MS)]);
    if (this.#failure === null) this.#fatalCommand = this.#pending[0]?.command ?? null;
    this.#fail(reason);
  }

  #fail(reason: string): void {
    if (this.#failure !== null) return;
    this.#failure = reason;
    clearTimeout(this.#runTimer);
    clearTimeout(this.#commandTimer);
    this.#process.kill();
    this.#line = [];
    for (const { resolve } of this.#pending.splice(0)) resolve({ ok: false, reason });
  }

  #count(bytes: number): void {
    this.#outputBytes += bytes;
    if (this.#outputBytes > this.#options.outputBytes) {
      this.#fail(`gdb printed more than the limit of ${this.#options.outputBytes} bytes`);
    }
  }

  #read(chunk: Buffer): void {
    if (this.#failure !== null) return;
    this.#count(chunk.length);
    const parts = chunk.toString('latin1').split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      const line = this.#line.length === 0 ? part : this.#line.join('') + part;
      this.#line = [];
      this.#lineBytes = 0;
      this.#accept(line);
    }
    if (last === '' || this.#failure !== null) return;
    this.#line.push(last);
    this.#lineBytes += last.length;
    if (this.#lineBytes > MAX_LINE_BYTES)
      this.#fail(`gdb printed a line of more than ${MAX_LINE_BYTES} bytes`);
  }

  #accept(line: string): void {
    const record = parseMiLine(line);
    const current = this.#pending[0];
    if (record === null) {
      // The answer itself may be what cannot be read; without its token nothing tells, so it must not be awaited.
      if (/^\d+\^/.test(line)) this.#answer(Number.parseInt(line, 10), unreadable);
      return;
    }
    if (record.kind === 'stream' && record.channel === 'console') {
      this.#version ??= /^GNU gdb .*/.exec(record.text)?.[0] ?? null;
      if (this.#isGreeted && current !== undefined && current.text.length < MAX_TEXT)
        current.text += record.text;
    } else if (record.kind === 'stream' && record.channel === 'log') {
      const name = MISSING_DWO.exec(record.text)?.[1];
      if (name !== undefined && this.#missingDwo.size < MAX_MISSING) this.#missingDwo.add(name);
    } else if (record.kind === 'prompt') {
      this.#isGreeted = true;
    } else if (record.kind === 'result' && record.token !== null) {
      const { results } = record;
      const isError = record.status === 'error';
      this.#answer(record.token, ({ text }) =>
        isError
          ? { ok: false, reason: `gdb: ${textIn(results, 'msg') ?? 'error'}` }
          : { ok: true, results, text },
      );
    }
  }

  #answer(token: number, reply: (pending: Pending) => GdbReply): void {
    const current = this.#pending.shift();
    if (current === undefined || current.token !== token) {
      if (current !== undefined) this.#pending.unshift(current);
      this.#fail(`gdb answered command ${token} out of turn`);
      return;
    }
    current.resolve(reply(current));
    this.#startCommandTimer();
  }
}

const avoided: GdbReply = { ok: false, reason: 'gdb has ended over it before' };
const unreadable = (): GdbReply => ({ ok: false, reason: 'gdb gave an answer that could not be read' });

/** Two threads at work for a third of the time, and a little: the rest is for all that it gives way to. */
export function cpuSecondsFor(runMs: number): number {
  return Math.ceil((runMs / 3000) * 2) + 1;
}
