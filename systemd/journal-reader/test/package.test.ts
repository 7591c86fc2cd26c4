import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ensureJournald, uniqueWord, writeEntry } from '../../../test/journald.ts';
import { installPackage } from './install-package.ts';

const run = promisify(execFile);
const compiler = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
const examples = [
  ...readFileSync(join(import.meta.dirname, '../README.md'), 'utf8').matchAll(/```js\n(.*?)```/gs),
].map(([, code = '']) => code);

/** What a user writes, type errors included where they are due. */
const CONSUMER = `
import { Journal, JournalError, type Boot, type JournalEntry } from 'systemd-journal-reader';
const journal: Journal = Journal.open({ directory: process.cwd() });
const boots: Boot[] = journal.boots();
const first: JournalEntry | undefined = [...journal.entries({ limit: 1, fields: ['MESSAGE', 'MY_OWN'] })][0];
const message: string | undefined = first?.message;
// @ts-expect-error There is no such option.
try { Journal.open({ nonsense: 1, files: [] }); } catch (error) {
  if (error instanceof JournalError) console.log(error.code, boots.length, message);
}
journal.close();
`;

let project: string;
const stops: (() => void)[] = [];
before(async () => {
  project = await installPackage({ after: (stop) => stops.push(stop) });
});
after(() => {
  for (const stop of stops) stop();
});

test('the tarball has what belongs into it, and no sources', () => {
  const installed = join(project, 'node_modules/systemd-journal-reader');
  assert.deepEqual(readdirSync(installed).sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
  ]);
  for (const name of readdirSync(join(installed, 'dist'))) assert.match(name, /^index\.js$|\.d\.ts$/);
});

test('loading it and opening a journal loads two small modules of Node, and no large one such as util or fs', async () => {
  const script = `
    const before = new Set(process.moduleLoadList);
    (await import('systemd-journal-reader')).Journal.open().close();
    const loaded = process.moduleLoadList.filter((name) => !before.has(name));
    console.log(loaded.join('\\n'));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: project });
  const loaded = [...stdout.matchAll(/^NativeModule (?!internal\/)(.*)$/gm)].map(([, name]) => name);
  assert.deepEqual(loaded.sort(), ['module', 'os']);
});

test('the installed package is typed for its users', async () => {
  writeFileSync(join(project, 'consumer.ts'), CONSUMER);
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const checks = ['--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
  await run(process.execPath, [compiler, ...options, ...checks, 'consumer.ts'], { cwd: project });
  const { stdout } = await run(process.execPath, ['consumer.js'], { cwd: project });
  assert.equal(stdout, 'E_JOURNAL_OPTIONS 0 undefined\n');
});

for (const node of [process.execPath, otherNode()]) {
  const version = node === null ? 'another version' : nodeVersion(node);
  const options = { skip: node === null && 'no other Node.js of version 20 or newer on the PATH' };

  test(`the README's programs run on Node.js ${version}`, options, async (t) => {
    assert.ok(node !== null);
    const [last = '', follow = ''] = examples;
    writeFileSync(join(project, 'last.mjs'), last);
    writeFileSync(join(project, 'follow.mjs'), follow);
    const journald = await ensureJournald(t);
    const word = uniqueWord();
    const write = () => writeEntry(journald, { MESSAGE: 'hello', PRIORITY: '5', SYSLOG_IDENTIFIER: word });

    const following = spawn(node, ['follow.mjs'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => following.kill());
    const writing = setInterval(write, 50);
    t.after(() => clearInterval(writing));
    let output = '';
    for await (const chunk of following.stdout.setEncoding('utf8')) {
      output += chunk;
      if (output.includes(`${word}: hello\n`)) break;
    }
    following.kill('SIGINT');
    if (following.exitCode === null && following.signalCode === null) await once(following, 'exit');
    assert.ok(output.includes(`${word}: hello\n`));

    const { stdout } = await run(node, ['last.mjs', word], { cwd: project });
    const [line = ''] = stdout.split('\n');
    assert.match(line, new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\S+Z 5 ${process.pid} hello$`));
  });

  test(`koffi's addon is loaded without koffi's search for it on Node.js ${version}`, options, async () => {
    assert.ok(node !== null);
    const program = `import { createRequire } from 'node:module';
      import { Journal } from 'systemd-journal-reader';
      Journal.open({ directory: '.' }).close();
      console.log(Object.keys(createRequire(import.meta.url).cache).join());`;
    const { stdout } = await run(node, ['--input-type=module', '-e', program], { cwd: project });
    assert.match(stdout, /^[^,]*\/@koromix\/koffi-linux-\w+\/linux_\w+\/koffi\.node\n$/);
  });
}

test('open() on a machine without libsystemd says what is missing and how to get it', async () => {
  await addNode(project);
  const program = `import { Journal } from 'systemd-journal-reader';
    try { Journal.open(); } catch ({ name, code, message }) { console.log(JSON.stringify({ name, code, message })); }`;
  writeFileSync(join(project, 'main.mjs'), program);
  const { stdout } = await run('chroot', [project, '/node', '/main.mjs']);
  const { name, code, message } = JSON.parse(stdout);
  assert.deepEqual([name, code], ['JournalError', 'E_JOURNAL_LIBRARY']);
  assert.match(
    message,
    /^libsystemd\.so\.0 cannot be used: .*No such file.*\. libsystemd 246 or newer is needed \(package libsystemd0 on Debian and Ubuntu, systemd-libs on Fedora and Arch\)$/,
  );
});

/** Makes `root` a machine that has nothing but Node and the libraries that Node needs. */
async function addNode(root: string): Promise<void> {
  const { stdout } = await run('ldd', [process.execPath]);
  const libraries = [...stdout.matchAll(/\/\S+/g)].map(([path]) => path);
  for (const path of libraries) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  copyFileSync(process.execPath, join(root, 'node'));
}

/** The first Node.js on the PATH that is supported and of another version than the one that runs the tests. */
function otherNode(): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(directory, 'node');
    try {
      accessSync(node);
    } catch {
      continue; // None in this directory.
    }
    const version = nodeVersion(node);
    if (version !== process.version && Number(/^v(\d+)/.exec(version)?.[1]) >= 20) return node;
  }
  return null;
}

function nodeVersion(node: string): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}
