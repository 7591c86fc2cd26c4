import { hasErrno } from '../../linux/system-call-error.ts';
import { ServerConnection } from '../../protocol/server-connection.ts';
import { testEvent } from './test-server.ts';

/** As `nobody`, tries to talk to the server whose socket is named, and prints what came of it. */
const [path = ''] = process.argv.slice(2);
const NOBODY = 65_534;
// Now, and not by whoever starts this: the checkout may be one that only root can read.
process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
try {
  const connection = ServerConnection.open(path, 5_000);
  connection.send('crashEvent', testEvent());
  connection.receive(['reportGranted'], 5_000);
  console.log('granted');
} catch (error) {
  if (hasErrno(error, 'EACCES')) console.log('EACCES');
  else console.log(String(error).replace(/.*refused: (.*) \(reason (\d+)\)/, 'refused $2: $1'));
}
