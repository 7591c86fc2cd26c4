import { VERSION } from '../config/version.ts';
import { commandTables } from './command-tables.ts';
import { clientPage } from './man/client-page.ts';
import { configurationPage } from './man/configuration-page.ts';
import { controlPage } from './man/control-page.ts';
import { debuggerPage } from './man/debugger-page.ts';
import { overviewPage } from './man/overview-page.ts';
import { roff } from './man/roff.ts';
import { serverPage } from './man/server-page.ts';
import { writeGenerated } from './write-generated.ts';

/** Makes the manual pages in install/man/ from the command lines, the settings, and the prose in scripts/man/. */
const tables = commandTables();
const pages = [
  controlPage(tables.crashlogctl),
  debuggerPage(tables.debugger),
  serverPage(tables.server),
  clientPage(),
  configurationPage(),
  overviewPage(),
];
for (const page of pages) writeGenerated(`install/man/${page.name}.${page.section}`, roff(page, VERSION));
