import { readRunSettings } from '../../config/run-settings.ts';
import { settingsInForce } from '../../config/settings-in-force.ts';
import { messageOf } from '../../errors/usercrash-error.ts';
import { collectionState } from '../collection.ts';
import type { CommandContext } from '../command-context.ts';
import { historySummary } from '../history-summary.ts';
import { serverState } from '../server-state.ts';
import { storedRoom } from '../stored-room.ts';
import { type Check, type Examined, type Finding, warn } from './check.ts';
import { distribution } from './distribution.ts';
import { serviceAdvice } from './service-advice.ts';

/** Gathers what `status` shows and the checks look at. @throws Node's error where a file is there and cannot be read. */
export async function examine(context: CommandContext): Promise<Examined> {
  const { paths, now, programs } = context;
  return {
    ...(await examineState(context)),
    history: await historySummary(paths.logDir, now()),
    distribution: distribution(),
    services: serviceAdvice(programs),
  };
}

/** The same without the history, of which 40 MiB may have to be read. */
export async function examineState({
  paths,
  env,
}: Pick<CommandContext, 'paths' | 'env'>): Promise<Omit<Examined, 'history' | 'distribution' | 'services'>> {
  const { settings, problems } = settingsInForce(paths, env);
  return {
    paths,
    settings,
    configurationProblems: problems,
    collection: collectionState(paths.runDir, settings, readRunSettings(paths.runDir).defaultPattern ?? ''),
    server: serverState(paths.runDir),
    room: await storedRoom(paths, settings),
  };
}

/** What a check found. */
export interface Diagnosis extends Finding {
  check: string;
}

/** Runs checks. Never throws: one that cannot look must not keep the others from it. */
export async function diagnose(examined: Examined, checks: readonly Check[]): Promise<Diagnosis[]> {
  const found = await Promise.all(
    checks.map(async ({ name, look }) => {
      const findings = await lookOrSay(look, examined);
      return findings.map((finding) => ({ check: name, ...finding }));
    }),
  );
  return found.flat();
}

async function lookOrSay(look: Check['look'], examined: Examined): Promise<readonly Finding[]> {
  try {
    return [await look(examined)].flat();
  } catch (error) {
    return [warn(`it could not be looked at: ${messageOf(error)}`, 'run it as root, on the machine itself')];
  }
}
