import { ALL_SETTINGS } from '../../config/server-settings.ts';
import { variableOf } from '../../config/setting.ts';
import { tomlLine } from '../toml-line.ts';
import type { Page } from './roff.ts';

/** usercrash.toml(5): every setting with its default. */
export function configurationPage(): Page {
  const settings = ALL_SETTINGS.map(([, setting]) => {
    const { description } = setting;
    const text = `${description.charAt(0).toUpperCase()}${description.slice(1)}. Environment: \`${variableOf(setting)}\`.`;
    return { term: `\`${tomlLine(setting)}\``, text };
  });
  return {
    ...{ name: 'usercrash.toml', section: 5, purpose: 'configuration of the crash collector' },
    parts: [
      {
        title: 'SYNOPSIS',
        blocks: ['`/etc/usercrash/usercrash.toml`', '`/etc/usercrash/usercrash.toml.d/*.toml`'],
      },
      {
        title: 'DESCRIPTION',
        blocks: [
          'TOML, a setting a line, no tables. What comes later in this order wins: default, file, drop-ins by name, environment, flag of ' +
            '`usercrash-server`(8). A list is an array in the file, values with commas in the environment, and a flag that is repeated; it replaces the list before it.',
          "A mistake never stops collection: instead of a value that is wrong the last one that was right holds, or the next lower source's. `crashlogctl config` " +
            'shows every value, where it came from, and what is wrong, with file and line.',
          'Files that others than root may write to are not used. What is changed holds from the next start of `usercrash.service` on; a restart loses no crash.',
        ],
      },
      {
        title: 'SETTINGS',
        blocks: [
          'Each with its default. Amounts are bytes (`1048576`, `"500M"`, `"2G"`, powers of 1,024) or a share of the file system that holds the reports (`"10%"`).',
          ...settings,
        ],
      },
      {
        title: 'EXAMPLES',
        blocks: [
          {
            lines: [
              'slots = 200',
              'max-bytes = "2G"',
              'owner-access = true',
              'exclude = ["/opt/test/*", "unit:ci.service"]',
            ],
          },
        ],
      },
      { title: 'SEE ALSO', blocks: ['`crashlogctl`(1), `usercrash-server`(8), `usercrash`(7)'] },
    ],
  };
}
