/** A program of the corpus: what is compiled, how it is run, and what is known about its crash. */
export interface CorpusProgram {
  /** In the table and as a file's name; the source's without its extension where it is not given. */
  name?: string;
  /** In programs/: `.c`, `.cc`, `.rs` and `.go` are compiled, `.py` and `.js` are run by Python and Node. */
  source: string;
  /** Further options of the compiler, or of the interpreter. */
  flags?: readonly string[];
  /** A library from this source, which lies beside the program as `liblibrary.so`. */
  library?: { source: string; isLinked: boolean; hasReplacement: boolean };
  /** `{library}` and `{replacement}` stand for the paths of the two builds of {@link library}. */
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** It is a child that crashes, whose pid the program prints. */
  isChild?: boolean;
  signal: NodeJS.Signals;
  /** Expressions that gdb prints, too: what backtraces do not show. */
  prints?: readonly string[];
  /** Of the small core at most. */
  mostBytes?: number;
  /** What gdb shows differently on the small core, all of it: an entry that no longer fits fails, too. */
  explained?: readonly ExplainedDifference[];
  /** Which parts of what the quick key is made of are not the same in every run, and why; all others are. */
  keyVaries?: { isPart(index: number): boolean; why: string };
}

/** One difference that is known, and accepted for a reason. */
export interface ExplainedDifference {
  /** gdb's number: 1 is the one that died. */
  thread: number;
  level: number;
  /** Empty for an expression of {@link CorpusProgram.prints}. */
  function: string;
  /** The local variable or the expression; `frame` for function, arguments or line. */
  what: string;
  /** What gdb shows of it on the small core. */
  shows: RegExp;
  why: string;
}

export function nameOf({ name, source }: CorpusProgram): string {
  return name ?? source.replace(/\.\w+$/, '');
}
