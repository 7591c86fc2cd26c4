import { collectCrash } from '../client/collect-crash.ts';

// `usercrash-client RUNDIR --resume CRASHID`: started by the server, nobody is held, so nothing is in a hurry.
if (process.argv[3] === '--resume') {
  void import('../client/finish-report.ts').then(async ({ resumeCrash }) => {
    process.exit(await resumeCrash(process.argv.slice(2)));
  });
} else {
  void collectCrash(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
}
