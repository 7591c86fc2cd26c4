import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { packageOf } from '../../analysis/package-of.ts';

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'package-of-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('packageOf() agrees with dpkg-query, also for what the merged /usr moved', () => {
  for (const path of [
    '/usr/bin/bash',
    '/bin/bash',
    '/usr/bin/gdb',
    '/usr/lib/x86_64-linux-gnu/libc.so.6',
    '/usr/bin/dpkg',
  ]) {
    const [name = '', version, architecture] = execFileSync(
      'dpkg-query',
      [
        '-W',
        '-f',
        ['Package', 'Version', 'Architecture'].map((field) => `\${${field}}`).join('\\t'),
        ownerOf(path),
      ],
      { encoding: 'utf8' },
    )
      .trim()
      .split('\t');
    assert.deepEqual(packageOf(Buffer.from(path), null), { name, version, architecture }, path);
  }
});

test('packageOf() knows no owner for what no package brought', () => {
  for (const path of [
    '/opt/acme/app',
    '/usr/local/bin/x',
    '/home/me/a.out',
    'relative',
    '/usr/bin/a\nb',
    '',
  ]) {
    assert.equal(packageOf(Buffer.from(path), null), null, path);
  }
});

test('packageOf() believes a name only if it is the file that ran', (t) => {
  const bash = openSync('/usr/bin/bash', 'r');
  const other = openSync('/usr/bin/gdb', 'r');
  t.after(() => {
    for (const fd of [bash, other]) closeSync(fd);
  });
  assert.equal(packageOf(Buffer.from('/usr/bin/bash'), bash)?.name, 'bash');
  assert.equal(packageOf(Buffer.from('/usr/bin/bash'), other), null);
});

test('packageOf() tells the architectures of one package apart, and bears damaged books', (t) => {
  const dpkgDir = directoryFor(t);
  mkdirSync(join(dpkgDir, 'info'));
  writeFileSync(join(dpkgDir, 'info/app:i386.list'), '/.\n/usr\n/usr/bin/app\n');
  writeFileSync(join(dpkgDir, 'info/broken.list'), '\xff\0/usr/bin/broken\n');
  const stanza = (architecture: string) =>
    `Package: app\nArchitecture: ${architecture}\nVersion: 1-${architecture}\n\n`;
  writeFileSync(
    join(dpkgDir, 'status'),
    `Package: app-data\nVersion: 9\n\n${stanza('amd64')}${stanza('i386')}`,
  );
  const sources = { dpkgDir, rpm: '/nonexistent' };
  assert.deepEqual(packageOf(Buffer.from('/usr/bin/app'), null, sources), {
    name: 'app',
    version: '1-i386',
    architecture: 'i386',
  });
  assert.equal(packageOf(Buffer.from('/usr/bin/broken'), null, sources), null);
  assert.equal(
    packageOf(Buffer.from('/usr/bin/app'), null, { dpkgDir: '/nonexistent', rpm: '/nonexistent' }),
    null,
  );
});

// rpm is not on the machine that tests run on: a script with its output stands in for it.
test('packageOf() asks rpm where dpkg is absent', (t) => {
  const rpm = join(directoryFor(t), 'rpm');
  writeFileSync(
    rpm,
    '#!/bin/sh\n[ "$5" = /usr/bin/app ] && printf "app\\t2.1-3.el9\\tx86_64\\n" || { echo "not owned"; exit 1; }\n',
  );
  chmodSync(rpm, 0o755);
  const sources = { dpkgDir: '/nonexistent', rpm };
  assert.deepEqual(packageOf(Buffer.from('/usr/bin/app'), null, sources), {
    name: 'app',
    version: '2.1-3.el9',
    architecture: 'x86_64',
  });
  assert.equal(packageOf(Buffer.from('/usr/bin/other'), null, sources), null);
});

function ownerOf(path: string): string {
  for (const name of [path, path.replace(/^\/usr/, ''), `/usr${path}`]) {
    try {
      return (
        execFileSync('dpkg-query', ['-S', name], { encoding: 'utf8', stdio: 'pipe' }).split(': ')[0] ?? ''
      );
    } catch {
      // dpkg-query knows only the name in its list: the next one.
    }
  }
  throw new Error(`dpkg-query knows no owner of ${path}`);
}
