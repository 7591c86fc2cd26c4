import { commandTables } from './command-tables.ts';
import { bashCompletion } from './completions/bash.ts';
import { commandLine } from './completions/command-line.ts';
import { fishCompletion } from './completions/fish.ts';
import { zshCompletion } from './completions/zsh.ts';
import { writeGenerated } from './write-generated.ts';

/** Makes the completions in install/completions/ from the command lines. */
const { crashlogctl, debugger: debugger_ } = commandTables();
for (const command of [crashlogctl, debugger_]) {
  const program = commandLine(command);
  writeGenerated(`install/completions/${program.name}.bash`, bashCompletion(program));
  writeGenerated(`install/completions/_${program.name}`, zshCompletion(program));
  writeGenerated(`install/completions/${program.name}.fish`, fishCompletion(program));
}
