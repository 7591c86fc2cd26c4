import { Command } from 'commander';
import type { FoundReport } from '../../report/find-reports.ts';
import { printable } from '../../report/printable-text.ts';
import { renderJson } from '../../report/render-json.ts';
import { renderText, TEXT_SECTION_NAMES } from '../../report/render-text.ts';
import { selectSections } from '../../report/select-sections.ts';
import { chooseReport } from '../choose-report.ts';
import { colourReport } from '../colour-report.ts';
import type { CommandContext } from '../command-context.ts';
import { withAccess } from '../no-access.ts';
import { page } from '../page.ts';
import { readReportFile, recordOf } from '../report-files.ts';
import { readSummary } from '../report-summary.ts';
import { sectionNames } from '../section-names.ts';
import { styleFor } from '../style-for.ts';
import { withSeenLine } from '../with-seen-line.ts';
import { harmlessJson } from '../write-json.ts';

const HELP = `
Sections: ${TEXT_SECTION_NAMES.join(', ')}.

On a terminal the pager of PAGER shows it, else less, and a line says how
often such a crash was seen. Nothing that a crashed program wrote reaches the
terminal as a control character.

Examples:
  crashlogctl show latest
  crashlogctl show 07 --sections backtrace,source,journal
  crashlogctl show 07 --json | jq .signature`;

interface Flags {
  sections?: string[];
  json?: true;
}

/** crashlogctl show: a report, or some of it. */
export function showCommand(context: CommandContext): Command {
  return new Command('show')
    .description('Shows a report.')
    .argument('<NN>', '7, 07, usercrash_07 or latest')
    .option('--sections <names>', 'only these, separated by commas', sectionNames)
    .option('--json', 'as docs/record.schema.json describes it')
    .addHelpText('after', HELP)
    .action(async (name: string, flags: Flags) => {
      const { paths, stdout, env } = context;
      const report = await chooseReport(paths.logDir, name);
      const text = await withAccess({ what: `${report.name} may not be read`, command: `show ${name}` }, () =>
        shownText(report, flags, context),
      );
      await page(flags.json ? text : colourReport(text, styleFor(stdout, env)), context);
    });
}

async function shownText(
  report: FoundReport,
  { sections, json }: Flags,
  { paths, stdout }: CommandContext,
): Promise<string> {
  if (json) {
    const record = await recordOf(report);
    return harmlessJson(renderJson(sections === undefined ? record : selectSections(record, sections)));
  }
  if (sections !== undefined) return renderText(await recordOf(report), sections);
  const text = (await readReportFile(report.text)).toString('utf8');
  // It was made harmless when it was written, and may have been changed since.
  const shown = text.split('\n').map(printable).join('\n');
  if (stdout.isTTY !== true || report.json === null) return shown;
  try {
    return await withSeenLine(shown, paths.logDir, (await readSummary(report.json)).quickKey);
  } catch {
    return shown; // The report is what was asked for; `list` says what is wrong with JSON and history.
  }
}
