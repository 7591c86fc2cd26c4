import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { OLDEST_GLIBC } from '../../scripts/package/control-fields.ts';
import { inOverlay } from './in-overlay.ts';

const root = join(import.meta.dirname, '../..');
const top = mkdtempSync('/var/tmp/uc-packages-');
const out = join(top, 'out');
const unpacked = join(top, 'unpacked');
let packageFile = '';

/** @returns Where the packages are. */
function made(directory: string): string {
  execFileSync(process.execPath, [join(root, 'scripts/package.ts'), '--out', directory], {
    encoding: 'utf8',
  });
  return directory;
}

function only(pattern: string, directory: string): string {
  const [file, ...more] = globSync(pattern, { cwd: directory });
  assert.ok(file !== undefined && more.length === 0, `${pattern} in ${directory}`);
  return join(directory, file);
}

before(() => {
  made(out);
  packageFile = only('*.deb', out);
  execFileSync('dpkg-deb', ['--raw-extract', packageFile, unpacked]);
});
after(() => rmSync(top, { recursive: true }));

test('npm run package makes the same bytes twice', () => {
  const again = made(join(top, 'again'));
  for (const pattern of ['*.deb', '*.tar.gz']) {
    const [one, other] = [only(pattern, out), only(pattern, again)];
    assert.equal(basename(one), basename(other));
    assert.ok(readFileSync(one).equals(readFileSync(other)), pattern);
  }
  rmSync(again, { recursive: true });
});

test("everything in the .deb is root's, and nobody else can write to it", () => {
  const lines = execFileSync('dpkg-deb', ['--contents', packageFile], { encoding: 'utf8' })
    .trim()
    .split('\n');
  assert.ok(lines.length > 40);
  for (const line of lines)
    assert.match(line, /^(?:[-d]rw[x-]r-[x-]r-[x-]|lrwxrwxrwx) root\/root +\d+ [\d-]+ [\d:]+ \.\//, line);
});

test('the programs in the .deb need no newer C library than the package says', () => {
  const objects = globSync('usr/lib/usercrash/{node,*.node}', { cwd: unpacked });
  assert.equal(objects.length, 3);
  for (const object of objects) {
    const symbols = execFileSync('objdump', ['-T', join(unpacked, object)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    const newest = [...symbols.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
    assert.ok(
      Math.max(...newest) <= Number(OLDEST_GLIBC.split('.')[1]),
      `${object}: 2.${Math.max(...newest)}`,
    );
  }
});

test('lintian has nothing to say about the .deb but what is overridden', () => {
  const { stdout, stderr, status } = spawnSync(
    'lintian',
    [
      '--allow-root',
      '--fail-on',
      'error,warning,info',
      '--display-info',
      '--tag-display-limit',
      '0',
      packageFile,
    ],
    {
      encoding: 'utf8',
    },
  );
  assert.deepEqual({ stdout, stderr, status }, { stdout: '', stderr: '', status: 0 });
});

test('dpkg installs, reinstalls, removes and purges it, and leaves nothing', () => {
  const printed = inOverlay(
    `
dpkg --install ${packageFile} >&2
for program in crashlogctl debugger usercrash-server; do echo "$program $($program --version)"; done
crashlogctl config >&2
man --where crashlogctl debugger usercrash-server usercrash-client usercrash usercrash.toml
getent passwd usercrash | cut -d: -f1
echo 'slots = 7' >>/etc/usercrash/usercrash.toml
mkdir -p /var/log/usercrashes
touch /var/log/usercrashes/usercrash_00
dpkg --install ${packageFile} >&2
crashlogctl config | grep ^slots
dpkg --verify usercrash || true
dpkg --remove usercrash >&2
ls /var/log/usercrashes /etc/usercrash
dpkg --purge usercrash >&2
cmp /etc/passwd $changed/../.. 2>/dev/null || true
cd $changed
find . ! -type d | grep -Ev '^./(var/lib/dpkg|var/cache|var/log/(dpkg|apt))' || true
`,
    [top],
  );
  assert.equal(printed, '');
});
