import type { Command } from 'commander';
import type { Block } from './roff.ts';

/** What a command's help says, as parts of a page. */
export interface CommandText {
  /** How it is called, a line each. */
  usage: string[];
  description: string;
  /** Arguments and options. */
  terms: Block[];
  /** What stands below the options, but examples. */
  notes: Block[];
  examples: string[];
}

/** Reads a command of commander's. Its output is ours from here on. */
export function commandText(command: Command, name: string): CommandText {
  const help = command.createHelp();
  const terms = [
    ...help.visibleArguments(command).map((argument) => ({
      ...{ term: argument.required ? `<${argument.name()}>` : `[<${argument.name()}>]` },
      text: sentence(help.argumentDescription(argument)),
    })),
    ...help.visibleOptions(command).map((option) => ({
      ...{ term: marked(help.optionTerm(option)), text: sentence(help.optionDescription(option)) },
    })),
  ];
  const usage = command
    .usage()
    .split('\n')
    .map((line, index) => (index === 0 ? `${name} ${line}` : line.trim()));
  return {
    ...{ usage: usage.map((line) => marked(line)), description: command.description(), terms },
    ...below(command),
  };
}

/** Options and names of programs are bold; placeholders are marked as they are. */
function marked(usage: string): string {
  return usage
    .replaceAll(/<([\w-]+)\.\.\.>/g, '<$1>...')
    .replaceAll(/(^| |\[|\|)([a-z-][\w-]*)(?![^<]*>)/g, '$1`$2`')
    .replaceAll('[`options`]', '[<options>]')
    .replaceAll('[`command`]', '<command>');
}

function sentence(description: string): string {
  const text = `${description.charAt(0).toUpperCase()}${description.slice(1)}`;
  return text === '' || /[.)]$/.test(text) ? text : `${text}.`;
}

function below(command: Command): Pick<CommandText, 'notes' | 'examples'> {
  let written = '';
  command.configureOutput({ writeOut: (text) => (written += text) }).outputHelp();
  const after = written.slice(command.helpInformation().length);
  const notes: Block[] = [];
  const examples: string[] = [];
  for (const paragraph of after.split(/\n\s*\n/)) {
    const lines = paragraph.split('\n').filter((line) => line.trim() !== '');
    const [first = '', ...rest] = lines;
    if (/^examples?:$/i.test(first)) examples.push(...rest.map((line) => line.replace(/^ {2}/, '')));
    else if (rest.length > 0 && rest.every((line) => line.startsWith('  '))) {
      notes.push(first, { lines: rest.map((line) => line.replace(/^ {2}/, '')) });
    } else if (lines.length > 0) notes.push(lines.join(' '));
  }
  return { notes, examples };
}
