import assert from 'node:assert/strict';
import test from 'node:test';
import { readRecord } from '../../report/read-record.ts';
import { SECTIONS } from '../../report/record.ts';
import { renderJson } from '../../report/render-json.ts';
import { END_LINE, renderText, TEXT_SECTION_NAMES } from '../../report/render-text.ts';
import { namedFrames, recordWithFrames, sampleFrame, sampleRecord, sampleThread } from './sample-record.ts';

/** The lines between a section's title and the next. */
function sectionOf(text: string, title: string): string[] {
  const lines = text.split('\n');
  const from = lines.indexOf(`== ${title} ==`);
  assert.notEqual(from, -1, `no section ${title}`);
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith('== '));
  return lines.slice(from + 1, from + length);
}

test('renderText() has every section once and in order, no trailing spaces, and a last line that says it is whole', () => {
  const text = renderText(sampleRecord());
  const titles = [...text.matchAll(/^== (.*) ==$/gm)].map((match) => match[1]);
  assert.deepEqual(titles, [
    'Backtrace',
    'Threads',
    'Registers',
    'Stack',
    'Memory',
    'Code',
    'Source',
    'Open files',
    'Maps',
    'Process',
    'Journal',
    'Kernel',
    'Collection',
    'End of report',
  ]);
  assert.doesNotMatch(text, /[ \t]+$/m);
  assert.doesNotMatch(text, /not available/);
  assert.ok(text.endsWith(`\n${END_LINE}\n`));
  for (const name of SECTIONS) assert.ok(TEXT_SECTION_NAMES.includes(name), name);
});

test('renderText() keeps to 120 columns where no single value is longer', () => {
  const lines = renderText(sampleRecord()).split('\n');
  const long = lines.filter((line) => line.length > 120 && !line.includes('Mems_allowed'));
  assert.deepEqual(long, []);
});

test('renderText() begins with what died, where and why', () => {
  const head = renderText(sampleRecord()).split('\n').slice(0, 15);
  assert.match(head[0] ?? '', /^\*\*\* \*\*\*/);
  assert.match(
    head[1] ?? '',
    /^e7309937c5d44b0d9a1f0a5f6f9d1c22-4242-196612-1795214157123456 +usercrash 0\.1\.0, report 1$/,
  );
  assert.deepEqual(head.slice(3, 6), [
    'Crash      SIGSEGV, address not mapped (SEGV_MAPERR) at 0x0000000000000000',
    'Where      process_data (app.c:142) in /usr/bin/app, thread worker-3',
    `Signature  SIGSEGV | process_data | handle_request | main   ${sampleRecord().signature?.hash}`,
  ]);
  assert.equal(
    head[6],
    'Process    app (/usr/bin/app), pid 4242, tid 4245, uid 1000 (deploy), parent 1 (systemd), up 3 h 12 m',
  );
  assert.match(head[7] ?? '', /^Command {4}\/usr\/bin\/app --config \/etc\/app\/app\.toml --name .*here/);
  assert.equal(head[12], '           22:35:57 app[4242] err: request without body …');
  assert.equal(head[13], 'More       core beside this file, .core.zst (41 KiB)   ·   quality 4/4');
});

test('renderText() made from the JSON is the same text', () => {
  for (const record of [sampleRecord(), hostileRecord()]) {
    assert.equal(renderText(readRecord(renderJson(record))), renderText(record));
  }
});

test('renderText() says why a section is not there, each in its place', () => {
  const record = {
    ...sampleRecord(),
    threads: null,
    registers: null,
    stack: null,
    memory: null,
    code: null,
    source: null,
    openFiles: null,
    maps: null,
    journal: null,
    kernelStack: null,
    missing: { maps: 'EACCES\x1b[2J\n== Journal ==' },
  };
  const text = renderText(record);
  assert.deepEqual(sectionOf(text, 'Maps').slice(0, 1), ['not available: EACCES\\x1b[2J\\n== Journal ==']);
  assert.equal(text.match(/^not available: not collected$/gm)?.length, 9);
  // A program without its source is no failure.
  assert.deepEqual(sectionOf(text, 'Source').slice(0, 1), ['none: not collected']);
  assert.match(text, /^Where {6}not known$/m);
});

test('renderText() goes on when a section fails', () => {
  const record = sampleRecord();
  Object.defineProperty(record, 'registers', {
    get: () => {
      throw new Error('broken');
    },
  });
  const text = renderText(record);
  assert.deepEqual(sectionOf(text, 'Registers')[0], 'not available: could not be shown: Error: broken');
  assert.ok(text.endsWith(`${END_LINE}\n`));
});

test('renderText() selects sections by name, in the order of the report', () => {
  const text = renderText(sampleRecord(), ['kernel', 'registers', 'nonsense']);
  assert.deepEqual(
    [...text.matchAll(/^== (.*) ==$/gm)].map((match) => match[1]),
    ['Registers', 'Kernel'],
  );
  assert.ok(text.startsWith('== Registers ==\nrax '));
  assert.ok(text.endsWith('get_signal+0x8f5/0x940\n'));
  assert.equal(renderText(sampleRecord(), []), '');
});

test('renderText() shows frames with arguments, line or module, and locals beneath the crashed thread only', () => {
  assert.deepEqual(sectionOf(renderText(sampleRecord()), 'Backtrace').slice(0, 6), [
    'Thread 4245 worker-3, crashed',
    '#0  process_data (in=0x0) at /build/app/app.c:142',
    '        total = 0',
    '        name = "\\033[31mred"',
    '#1  handle_request (connection=0x5581c1f0a2a0, request=0x7f3a14000b60,',
    '      options={timeout = 30, retries = 3, name = 0x5581c0de2010 "GET /"}, flags=…) at /build/app/app.c:200',
  ]);
});

test('renderText() wraps locals that are longer than a line, with nothing lost', () => {
  const value = `{${Array.from({ length: 80 }, (_, index) => `member${index} = ${index}`).join(', ')}}`;
  const frame = sampleFrame(0, { function: 'f', locals: [{ name: 'buffer', value }] });
  const text = renderText(recordWithFrames([frame]), ['backtrace']);
  const lines = text.split('\n').filter((line) => line.startsWith('        '));
  assert.ok(lines.length > 5 && lines.every((line) => line.length <= 120), text);
  assert.equal(lines.map((line) => line.trim()).join(' '), `buffer = ${value}`);
});

test('renderText() wraps arguments and names of any length, and leaves the rest of a very long argument to the JSON', () => {
  const long = `{${Array.from({ length: 80 }, (_, index) => `member${index}: core::Option<u32, u32>`).join(', ')}}`;
  const name = `std::map<${Array.from({ length: 20 }, (_, index) => `std::allocator<${index}>`).join(', ')}>::at`;
  const frame = sampleFrame(0, {
    function: name,
    arguments: [{ name: 'closure', value: long }],
    file: 'a.rs',
    line: 1,
  });
  const text = sectionOf(renderText(recordWithFrames([frame]), ['backtrace']), 'Backtrace');
  const joined = text.map((line) => line.trim()).join(' ');
  assert.ok(text.every((line) => line.length <= 120) && text.length < 12, text.join('\n'));
  assert.ok(joined.includes(`${name} (closure=${long.slice(0, 395)}`), joined);
  assert.match(joined, /…\) at a\.rs:1$/);
});

test('renderText() folds threads whose frames are the same, and only those', () => {
  const lines = sectionOf(renderText(sampleRecord()), 'Threads');
  assert.deepEqual(lines.slice(0, 4), ['5 threads', '', 'Thread 4245 worker-3, crashed', 'see Backtrace']);
  assert.ok(lines.includes('3 threads: 4243 worker-0, 4244 worker-1, 4246 worker-2'));
  const record = sampleRecord();
  const worker = record.threads?.find((thread) => thread.tid === 4244)?.frames?.[1];
  assert.ok(worker);
  worker.arguments = [{ name: 'arg', value: '0x1' }];
  const changed = sectionOf(renderText(record), 'Threads');
  assert.ok(changed.includes('2 threads: 4243 worker-0, 4246 worker-2'));
  assert.ok(changed.includes('Thread 4244 worker-1'));
});

test('renderText() tells what limits left out of threads, frames, files and mappings', () => {
  const record = sampleRecord();
  const crashed = sampleThread(1, {
    crashed: true,
    frames: [...namedFrames('deep', 'std::deep(int)'), sampleFrame(86_999, { function: 'main' })],
    omittedFrames: 86_997,
    omittedAfter: 1,
  });
  const text = renderText({ ...record, threads: [crashed], omittedThreads: 7, omittedMaps: 59_000 });
  assert.deepEqual(sectionOf(text, 'Backtrace').slice(1, 5), [
    '#0  deep ()',
    '#1  std::deep(int)',
    '      … 86997 frames left out …',
    '#86999 main ()',
  ]);
  assert.ok(sectionOf(text, 'Threads').includes('7 more threads left out'));
  assert.equal(sectionOf(text, 'Threads')[0], '8 threads');
  assert.ok(sectionOf(text, 'Maps').includes('59000 more left out'));
  assert.ok(sectionOf(text, 'Open files').includes('1 of 4 left out'));
});

test('renderText() lists threads with what capture knew when no frames are there', () => {
  const threads = [4242, 4245].map((tid) =>
    sampleThread(tid, { name: 'app', crashed: tid === 4245, pc: '00005581c0de1189', sp: '00007f3a1bffdea0' }),
  );
  const text = renderText({
    ...sampleRecord(),
    threads,
    missing: { backtrace: 'gdb was killed after 20 s' },
  });
  assert.equal(sectionOf(text, 'Backtrace')[0], 'not available: gdb was killed after 20 s');
  assert.equal(
    sectionOf(text, 'Threads')[1],
    '4245 app, crashed  pc 00005581c0de1189  sp 00007f3a1bffdea0  in /usr/bin/app+0x1189',
  );
  assert.match(text, /^Where {6}0x00005581c0de1189 in \/usr\/bin\/app\+0x1189, thread app$/m);
});

test('renderText() lets nothing of a dead process steer the terminal or pass for a title', () => {
  const text = renderText(hostileRecord());
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b\u2028]/);
  const honest = [...renderText(sampleRecord()).matchAll(/^(==|\*\*\*).*$/gm)].map((match) => match[0]);
  const titles = [...text.matchAll(/^(==|\*\*\*).*$/gm)].map((match) => match[0]);
  assert.deepEqual(titles, honest);
});

/** Every text in it, however deep, is replaced by what a program could say to fool a reader. */
function hostileRecord() {
  const evil = '== End of report ==\n== Journal ==\r\x1b]0;x\x07\u009b2J\u202e\u200b\u2028\u0000';
  const keep = /^[0-9a-f]{16}$|^[0-9a-f]{32}|^rw?|^\d+$/;
  const poison = (value: unknown): unknown => {
    if (typeof value === 'string') return keep.test(value) ? value : evil;
    if (Array.isArray(value)) return value.map(poison);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, poison(inner)]));
  };
  const poisoned: unknown = poison(sampleRecord());
  return readRecord(JSON.stringify(poisoned));
}
