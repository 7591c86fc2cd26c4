import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type EffectiveSettings, effectiveSettings } from '../../config/effective-settings.ts';
import { keepLastGood, readLastGood } from '../../config/last-good-settings.ts';

interface Case {
  /** The file's text; none for no file. */
  toml?: string;
  /** By name. */
  dropIns?: Record<string, string>;
  env?: Record<string, string>;
  flags?: [string, string[]][];
  lastGood?: [string, string[]][];
}

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function settingsOf(
  t: TestContext,
  { toml, dropIns, env = {}, flags, lastGood }: Case,
): EffectiveSettings & { file: string } {
  const file = join(directoryOf(t), 'usercrash.toml');
  if (toml !== undefined) writeFileSync(file, toml);
  if (dropIns !== undefined) mkdirSync(`${file}.d`);
  for (const [name, text] of Object.entries(dropIns ?? {})) writeFileSync(join(`${file}.d`, name), text);
  const sources = { file, env, flags: new Map(flags), lastGood: new Map(lastGood) };
  return { ...effectiveSettings(sources), file };
}

test('effectiveSettings() has the defaults where nothing is said', (t) => {
  const { settings, origins, problems } = settingsOf(t, {});
  assert.deepEqual(problems, []);
  const { slots, maxBytes, mode, ownerAccess, defaultHandler, exclude } = settings;
  assert.deepEqual(
    { slots, maxBytes, mode, ownerAccess, defaultHandler, exclude },
    {
      ...{ slots: 100, maxBytes: { percent: 10 }, mode: 'auto', ownerAccess: false, defaultHandler: true },
      exclude: [],
    },
  );
  assert.deepEqual(origins.get('slots'), { texts: ['100'], origin: 'default' });
});

test('effectiveSettings(): file, drop-ins by name, environment and flags, in rising order', (t) => {
  const { settings, origins, problems, file } = settingsOf(t, {
    toml: '# ours\nslots = 1\nanalyses = 1\nmax-age = 1\ngroup = "wheel"\nexclude = ["/opt/*", "unit:ci.service"]\n',
    dropIns: {
      '20.toml': 'max-age = 3\nanalyses = 3\nslots = 3',
      '10.toml': 'slots = 2',
      'old.toml.bak': 'slots = 9',
    },
    env: { USERCRASH_ANALYSES: '4', USERCRASH_MAX_AGE: '4', USERCRASH_SLOTS: '' },
    flags: [['max-age', ['5']]],
  });
  assert.deepEqual(problems, []);
  const { slots, analyses, maxAgeDays, group, exclude } = settings;
  assert.deepEqual(
    { slots, analyses, maxAgeDays, group, exclude },
    {
      ...{ slots: 3, analyses: 4, maxAgeDays: 5, group: 'wheel', exclude: ['/opt/*', 'unit:ci.service'] },
    },
  );
  const where = (['slots', 'analyses', 'maxAgeDays', 'group'] as const).map(
    (key) => origins.get(key)?.origin,
  );
  assert.deepEqual(where, [`${file}.d/20.toml:3`, 'USERCRASH_ANALYSES', '--max-age', `${file}:5`]);
});

test('effectiveSettings() names file, line, value and what is allowed, and keeps what was right before', (t) => {
  const { settings, problems, file } = settingsOf(t, {
    toml: 'slots = "many"\n\nmode = "sockets"\n',
    lastGood: [['slots', ['7']]],
  });
  assert.equal(settings.slots, 7);
  assert.equal(settings.mode, 'auto');
  assert.deepEqual(problems, [
    `${file}:3: mode = sockets: It is one of auto, socket, pipe. In force: auto (default).`,
    `${file}:1: slots = many: It is a whole number from 1 to 10000. In force: 7 (the file as it was).`,
  ]);
});

test('effectiveSettings() goes on with what a file said before it could not be read', (t) => {
  const lastGood: [string, string[]][] = [
    ['slots', ['7']],
    ['analyses', ['2']],
  ];
  const broken = settingsOf(t, {
    toml: 'slots = 8\nanalyses = = 3\n',
    lastGood,
    env: { USERCRASH_ANALYSES: '1' },
  });
  assert.equal(broken.settings.slots, 7);
  assert.equal(broken.settings.analyses, 1);
  assert.match(broken.problems.join('\n'), /^\/.*usercrash\.toml:2: \S/);
  const ofNoKind = settingsOf(t, { toml: 'slots = 2026-11-30\nanalyses = 3\n', lastGood });
  assert.deepEqual([ofNoKind.settings.slots, ofNoKind.settings.analyses], [7, 3]);
  // What the file does not say any more holds no more.
  assert.equal(settingsOf(t, { toml: 'analyses = 3', lastGood }).settings.slots, 100);
});

test('effectiveSettings() says what it does not know, and of what kind a value must be', (t) => {
  const { settings, problems, file } = settingsOf(t, {
    toml: 'slot = 3\nowner-access = "yes"\nslots = [1, 2]\nexclude = "/opt/*"\n[server]\nslots = 5\n',
    env: { USERCRASH_REPEAT_PAUSE: '-1' },
  });
  assert.deepEqual(
    [settings.ownerAccess, settings.slots, settings.repeatPauseS, settings.exclude],
    [...[false, 100, 10], ['/opt/*']],
  );
  const text = problems.join('\n');
  assert(text.includes(`${file}:1: there is no setting slot; there are mode,`), text);
  assert(text.includes(`${file}:5: server is neither a text, a number`), text);
  assert(
    text.includes(`${file}:2: owner-access = yes: It is one of true, false. In force: false (default).`),
    text,
  );
  assert(
    text.includes(`${file}:3: slots = 1, 2: It is one value, and no list. In force: 100 (default).`),
    text,
  );
  assert(
    text.includes('USERCRASH_REPEAT_PAUSE: repeat-pause = -1: It is a whole number from 0 to 3600.'),
    text,
  );
  assert.equal(problems.length, 5);
});

test('effectiveSettings(): no name of a program or group is empty', (t) => {
  const { settings, problems } = settingsOf(t, { toml: 'gdb = ""\ngroup = " "\n' });
  assert.deepEqual([settings.gdb, settings.group], ['gdb', 'adm']);
  assert.match(
    problems.join('\n'),
    /:1: gdb = : It is the name of a program\..*\n.*:2: group = {2}: It is the name of/,
  );
});

test('effectiveSettings() does not use a file that somebody else could write to', (t) => {
  const file = join(directoryOf(t), 'usercrash.toml');
  writeFileSync(file, 'gdb = "/home/x/gdb"\n');
  const read = () => effectiveSettings({ file, env: {}, flags: new Map(), lastGood: new Map() });
  chmodSync(file, 0o664);
  assert.equal(read().settings.gdb, 'gdb');
  assert.deepEqual(read().problems, [`${file}: others may write to it: chmod go-w usercrash.toml`]);
  chmodSync(file, 0o644);
  assert.equal(read().settings.gdb, '/home/x/gdb');
  chownSync(file, 1000, 1000);
  assert.deepEqual(read().problems, [`${file}: it belongs to uid 1000, and not to root`]);
  assert.equal(read().settings.gdb, 'gdb');
});

test('keepLastGood() keeps what files say, until they say nothing', (t) => {
  const stateDir = join(directoryOf(t), 'state');
  assert.equal(readLastGood(stateDir).size, 0);
  keepLastGood(stateDir, new Map([['slots', { texts: ['7'], origin: '/x:1' }]]));
  assert.deepEqual([...readLastGood(stateDir)], [['slots', ['7']]]);
  writeFileSync(join(stateDir, 'last-good-settings.json'), '{"slots": 7, "gdb": ["x"]');
  assert.equal(readLastGood(stateDir).size, 0);
  keepLastGood(stateDir, new Map());
  assert.equal(readLastGood(stateDir).size, 0);
});
