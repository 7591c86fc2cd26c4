import { main } from '../../server/main.ts';

/** Starts the server as `nobody`. */
const NOBODY = 65_534;
// Now, and not by whoever starts this: the checkout may be one that only root can read.
process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
process.exitCode = await main([], {
  env: process.env,
  client: '/nonexistent',
  handover: null,
  stopped: Promise.resolve('at once'),
});
