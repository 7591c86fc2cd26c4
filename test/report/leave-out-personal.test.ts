import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveOutPersonal } from '../../report/leave-out-personal.ts';
import { readRecord } from '../../report/read-record.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import { renderJson } from '../../report/render-json.ts';
import { renderText } from '../../report/render-text.ts';
import { sampleRecord } from './sample-record.ts';

const HOST = 'bastion-7.example.org';
const SECRETS = [
  'hunter2',
  'swordfish',
  'tr0ub4dor',
  'AKIAIOSFODNN7EXAMPLE',
  '0123456789abcdef0123456789abcdef01',
  'opensesame',
];

/** Somebody's program, with everything in it that is nobody else's business. */
function personalRecord(): CrashRecord {
  const record = sampleRecord();
  record.process.user = 'mallory';
  record.process.cwd = '/home/mallory/work';
  record.process.commandLine = [
    ...[
      '/usr/bin/app',
      '--password=hunter2',
      '--api-token',
      'swordfish',
      '--url',
      'https://me:tr0ub4dor@example.net/',
    ],
    ...['--key', SECRETS[4] ?? '', '--listen', '192.168.17.4:80', '--verbose'],
  ];
  record.process.environment = ['LANG=C', 'AWS=AKIAIOSFODNN7EXAMPLE', 'HOME=/home/mallory', 'broken'];
  record.machine.host = HOST;
  record.openFiles?.files.push({ fd: 5, target: '/home/mallory/divorce.odt', flags: 'read', position: 0 });
  const [entry] = record.journal?.entries ?? [];
  const messages = [
    'login of mallory from 203.0.113.9 and 2001:db8::17, mail mallory@example.com',
    `${HOST}: db_password: "opensesame", link 02:42:ac:11:00:02, on bastion-7`,
    'token AKIAIOSFODNN7EXAMPLE',
  ];
  for (const message of messages)
    if (entry !== undefined) record.journal?.entries.push({ ...entry, message });
  for (const thread of record.threads ?? []) {
    for (const frame of thread.frames ?? []) {
      frame.file = '/home/mallory/src/app.c';
      frame.arguments = [
        { name: 'who', value: '0x55d0 "mallory said \\"swordfish\\""...' },
        { name: 'letters', value: "{109 'm', 97 'a'}" },
        { name: 'count', value: '42' },
      ];
    }
  }
  return record;
}

test('leaveOutPersonal() leaves nothing of a person, their secrets and their machine', () => {
  const record = personalRecord();
  leaveOutPersonal(record);
  const written = renderText(record) + renderJson(record);
  const gone = [
    ...[
      ...SECRETS,
      'mallory',
      HOST,
      'bastion-7',
      '203.0.113.9',
      '2001:db8::17',
      '192.168.17.4',
      'example.com',
    ],
    ...['02:42:ac:11:00:02', 'divorce', "109 'm'", 'eth0: link down', 'GET /'],
  ];
  for (const text of gone) assert.ok(!written.includes(text), text);
});

test('leaveOutPersonal() leaves what a developer needs: functions, lines, numbers, paths, and a record', () => {
  const record = personalRecord();
  leaveOutPersonal(record);
  const text = renderText(record);
  assert.match(text, /process_data \(who=0x55d0 "<text>", letters=\{<character>, <character>\}, count=42\)/);
  assert.match(text, /at \/home\/<user>\/src\/app\.c:142/);
  for (const kept of ['--verbose', 'LANG=<value>', 'start_thread', 'handle_request', 'rip'])
    assert.ok(text.includes(kept), kept);
  assert.deepEqual(readRecord(renderJson(record)), record);
  assert.equal(record.crashId, sampleRecord().crashId);
  assert.equal(record.signature?.hash, sampleRecord().signature?.hash);
});

test('leaveOutPersonal() tells what it has left out, and the record tells it too', () => {
  const record = personalRecord();
  const left = leaveOutPersonal(record);
  assert.equal(left.get('values of environment variables'), 4);
  assert.equal(left.get('IP addresses'), 4);
  assert.equal(left.get('e-mail addresses'), 1);
  assert.equal(left.get('small core'), 1);
  assert.ok((left.get('user names') ?? 0) > 1);
  assert.match(
    renderText(record),
    /Personal data was left out of this copy: .*4 values|Personal data was left out of this copy: /,
  );
});

test('leaveOutPersonal() takes nothing for personal that only looks like it', () => {
  const record = sampleRecord();
  const [entry] = record.journal?.entries ?? [];
  const harmless = [
    'listening on 127.0.0.1 and ::1 at 12:34:56, version 1.2.3',
    'Started app@7.service, memcpy@GLIBC_2.14',
    'std::vector<a::b> at main.c:12',
  ];
  if (entry !== undefined)
    record.journal = { entries: harmless.map((message) => ({ ...entry, message })), omitted: 0 };
  leaveOutPersonal(record);
  assert.deepEqual(
    record.journal?.entries.map(({ message }) => message),
    harmless,
  );
});

const HOMES = [
  { home: '/var/home/zelda', user: null },
  { home: '/export/home/zelda', user: null },
  { home: '/home/CORP/zelda', user: null },
  { home: '/home/zelda fitz', user: null },
  { home: '/srv/people/zelda', user: 'u1017' },
];
for (const { home, user } of HOMES) {
  test(`leaveOutPersonal() knows ${home} for a home, and hides what lies in it`, () => {
    const record = sampleRecord();
    record.process.user = user;
    record.process.environment = [`HOME=${home}`];
    record.process.exe = `${home}/bin/app`;
    record.openFiles?.files.push({ fd: 5, target: `${home}/divorce.odt`, flags: 'read', position: 0 });
    leaveOutPersonal(record);
    assert.match(record.process.exe, /^(?:<home>|.*\/home\/<user>)\/bin\/app$/);
    assert.doesNotMatch(renderText(record) + renderJson(record), /zelda|fitz|divorce/);
  });
}

test('leaveOutPersonal() knows the host by its name in any letters, and the host name of a container', () => {
  const record = sampleRecord();
  record.machine.host = 'Web-01.Corp.example';
  record.process.environment = ['HOSTNAME=shop-6d4b', 'HOME=/var/lib/app'];
  const [entry] = record.journal?.entries ?? [];
  assert.ok(entry);
  entry.message = 'from web-01.corp.example and WEB-01 to shop-6d4b';
  leaveOutPersonal(record);
  assert.equal(entry.message, 'from <host> and <host> to <host>');
  assert.equal(record.process.cwd, '/var/lib/app');
});

test("leaveOutPersonal(): a host that is called as its distribution does not hide the distribution's name", () => {
  const record = sampleRecord();
  record.machine.host = 'debian';
  leaveOutPersonal(record);
  assert.equal(record.machine.os, 'Debian GNU/Linux 12 (bookworm)');
});

test('leaveOutPersonal(): a service is no person', () => {
  const record = sampleRecord();
  record.process.uid = 33;
  record.process.user = 'app';
  leaveOutPersonal(record);
  assert.equal(record.process.exe, '/usr/bin/app');
});

test('leaveOutPersonal() takes time in proportion to what it looks through', () => {
  const record = sampleRecord();
  const [entry] = record.journal?.entries ?? [];
  const long = [
    'a'.repeat(1_000_000),
    '@.'.repeat(500_000),
    '"'.repeat(1_000_001),
    'password='.repeat(100_000),
    ':'.repeat(1_000_000),
  ];
  if (entry !== undefined)
    record.journal = { entries: long.map((message) => ({ ...entry, message })), omitted: 0 };
  for (const frame of record.threads?.at(-1)?.frames ?? [])
    frame.arguments = long.map((value) => ({ name: 'x', value }));
  // One of them quadratic would take hours: the run's own time limit is the judge.
  leaveOutPersonal(record);
});
