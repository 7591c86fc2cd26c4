import { UsercrashError } from '../errors/usercrash-error.ts';
import { type FoundReport, findReports } from '../report/find-reports.ts';
import { withAccess } from './no-access.ts';

/**
 * The report that a person means.
 *
 * @param name `7`, `07`, `usercrash_07` or `latest`.
 * @throws {UsercrashError} E_NO_REPORT, E_NO_ACCESS.
 */
export async function chooseReport(logDir: string, name: string): Promise<FoundReport> {
  const what = { what: `${logDir} may not be read`, command: 'list' };
  const reports = await withAccess(what, () => findReports(logDir));
  const slot = /^(?:usercrash_)?(\d{1,4})$/.exec(name)?.[1];
  const chosen =
    name === 'latest'
      ? reports[0]
      : reports.find((report) => slot !== undefined && report.slot === Number(slot));
  if (chosen !== undefined) return chosen;
  if (reports.length === 0) throw noReport(`There are no reports in ${logDir}`, 'crashlogctl doctor');
  if (slot === undefined) throw noReport(`'${name}' names no report: 7, 07, usercrash_07 and latest do`);
  throw noReport(`There is no report ${name} in ${logDir}`);
}

function noReport(message: string, fix = 'crashlogctl list'): UsercrashError {
  return new UsercrashError('E_NO_REPORT', message, { fix });
}
