import { ALL_SETTINGS } from '../config/server-settings.ts';
import { tomlLine } from './toml-line.ts';
import { writeGenerated } from './write-generated.ts';

/**
 * Makes install/usercrash.toml, the configuration as it is installed: every setting with its default, as a comment.
 */
const HEAD = `# The configuration of usercrash: usercrash.toml(5). What is commented out is the default.
# Files usercrash.toml.d/*.toml beside this one, the environment and flags win over what is here.
# \`crashlogctl config\` shows what is in force and where that came from. Changes hold from the
# next start on: systemctl restart usercrash.service
`;

const settings = ALL_SETTINGS.map(([, setting]) => {
  const { description } = setting;
  return `\n# ${description.charAt(0).toUpperCase()}${description.slice(1)}.\n#${tomlLine(setting)}\n`;
});
writeGenerated('install/usercrash.toml', `${HEAD}${settings.join('')}`);
