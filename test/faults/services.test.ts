import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { feedClient } from '../client/feed-client.ts';
import { liveCore } from '../client/live-core.ts';
import { startPrivateJournald } from '../journald.ts';
import { assertWhole } from '../machine/assert-whole.ts';
import type { Published } from '../machine/collecting.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';

/** A server and a client in a mount namespace of their own, in which something of the machine's is another. */
async function crashWith(t: TestContext, mounts: readonly (readonly [from: string, to: string])[]) {
  const directories = testDirectories(t);
  const script = mounts.map(([from, to]) => `mount --bind ${from} ${to} && `).join('');
  const server = await startTestServer(t, directories, {
    under: ['unshare', '--mount', 'sh', '-c', `${script}exec "$0" "$@"`],
  });
  const under = ['nsenter', '--target', String(server.process.pid), '--mount', '--'];
  const crash = await liveCore(t);
  return {
    under,
    async report(): Promise<Published> {
      const { published } = await feedClient(server, { ...crash, stream: [crash.stream], under });
      assert.ok(published !== null);
      assert.equal(published.record.threads?.[0]?.frames?.at(-1)?.function, 'main');
      return published;
    },
  };
}

test('a crash while journald hangs, and while there is none, gets all of its report, and a note', async (t) => {
  const journald = await startPrivateJournald(t);
  const crash = await crashWith(t, [[`/run/systemd/journal.${journald.namespace}`, '/run/systemd/journal']]);
  const { pid } = journald;
  const notes = async () => (await crash.report()).record.collection.notes.join('\n');
  assert.doesNotMatch(await notes(), /journald/);
  process.kill(pid, 'SIGSTOP');
  assert.match(await notes(), /journald did not answer within 250 ms/);
  process.kill(pid, 'SIGKILL');
  assert.match(await notes(), /io\.systemd\.journal/);
});

/** What a name service is asked for most; it notes that it was, and never answers. */
const HANGING = `#include <fcntl.h>
#include <unistd.h>
static int hang(void) { close(open(MARKER, O_CREAT | O_WRONLY, 0600)); for (;;) pause(); }
#define HANGS(name) int _nss_hang_##name(void) { return hang(); }
HANGS(getpwnam_r) HANGS(getpwuid_r) HANGS(setpwent) HANGS(getpwent_r)
HANGS(getgrnam_r) HANGS(getgrgid_r) HANGS(setgrent) HANGS(getgrent_r) HANGS(initgroups_dyn)
HANGS(gethostbyname_r) HANGS(gethostbyname2_r) HANGS(gethostbyname3_r) HANGS(gethostbyname4_r) HANGS(gethostbyaddr_r)
`;

/** Makes all names of users, groups and machines those of a service that hangs. @returns What to mount where. */
function hangingNameService(t: TestContext) {
  const directory = mkdtempSync('/var/tmp/uc-names-');
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  // It is loaded by whoever asks, whatever user that is.
  chmodSync(directory, 0o755);
  const of = (name: string) => join(directory, name);
  mkdirSync(of('lib'));
  writeFileSync(of('hang.c'), HANGING);
  const marker = of('asked');
  execFileSync('gcc', [
    '-w',
    '-shared',
    '-fPIC',
    `-DMARKER="${marker}"`,
    '-o',
    of('lib/libnss_hang.so.2'),
    of('hang.c'),
  ]);
  execFileSync('/sbin/ldconfig', ['-C', of('cache'), of('lib')], { stdio: 'ignore' });
  writeFileSync(of('nsswitch.conf'), 'passwd: hang files\ngroup: hang files\nhosts: hang files\n');
  return {
    marker,
    mounts: [
      [of('cache'), '/etc/ld.so.cache'],
      [of('nsswitch.conf'), '/etc/nsswitch.conf'],
    ] as const,
  };
}

test('name services that hang are not asked, by nobody of us', async (t) => {
  const { marker, mounts } = hangingNameService(t);
  const crash = await crashWith(t, mounts);
  const [program = '', ...words] = crash.under;
  const asked = spawnSync(program, [...words, 'timeout', '1', 'getent', 'passwd', 'somebody']);
  assert.equal(asked.status, 124, 'getent has an answer');
  assert.ok(existsSync(marker));
  rmSync(marker);
  assertWhole(await crash.report());
  assert.equal(existsSync(marker), false, 'somebody has asked');
});
