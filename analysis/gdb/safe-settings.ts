/**
 * What gdb is told before anything of a crashed program is opened. Nothing of it may run: files next to an object file
 * (`NAME-gdb.py`, `NAME-gdb.gdb`) and scripts named or contained in a `.debug_gdb_scripts` section are off, not only
 * outside the safe path, because libstdc++'s own script takes its Python modules from a directory relative to the
 * library's name, which the crashed program chooses (a library of its own under that name would be loaded into gdb).
 * `$pdir` is left out of libthread_db's path for the same reason. `-nx` has to do away with every .gdbinit.
 */
export const SAFE_SETTINGS: readonly string[] = [
  'auto-load gdb-scripts off',
  'auto-load python-scripts off',
  'auto-load local-gdbinit off',
  'auto-load libthread-db off',
  'auto-load safe-path /nonexistent',
  'auto-load scripts-directory /nonexistent',
  'libthread-db-search-path $sdir',
  'debuginfod enabled off',
  'index-cache enabled off',
  'history save off',
  'may-call-functions off',
];

/** So that Python looks for modules neither where gdb is started nor in a home. */
export const SAFE_PYTHON: Readonly<Record<string, string>> = {
  PYTHONNOUSERSITE: '1',
  PYTHONSAFEPATH: '1',
  PYTHONDONTWRITEBYTECODE: '1',
};
