import type { FoundModule } from './find-modules.ts';
import { fnv1a64 } from './fnv1a64.ts';
import type { ProcessMemory } from './process-memory.ts';

/**
 * The C and C++ runtimes. Which of their functions lie between abort() or raise() and the program says little: only where
 * nothing else is on the stack do they count.
 */
const RUNTIME =
  /(?:^|\/)(?:ld-|ld\.|libc[.-]|libpthread|libm[.-]|libgcc_s|libstdc\+\+|libc\+\+|linux-vdso|linux-gate)/;

/** A place in a program, the same in every run. */
export interface CodePlace {
  module: FoundModule;
  isRuntime: boolean;
  /** Build-id and offset. */
  text: string;
}

/** Where in which module an address is. */
export class CodePlaces {
  readonly #modules: readonly FoundModule[];
  readonly #memory: ProcessMemory;
  readonly #identities = new Map<FoundModule, string>();

  /** @param memory Everything that is mapped. */
  constructor(modules: readonly FoundModule[], memory: ProcessMemory) {
    this.#memory = memory;
    this.#modules = modules.toSorted((one, other) => one.start - other.start);
  }

  /** Null where it is in no module. */
  at(address: number): CodePlace | null {
    let low = 0;
    let high = this.#modules.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#modules[middle]?.start ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const module = this.#modules[low - 1];
    if (module === undefined || address >= module.end) return null;
    const name = module.name.toString('latin1');
    return {
      module,
      isRuntime: !module.isExecutable && RUNTIME.test(name),
      text: `${this.#identityOf(module)}+${(address - module.base).toString(16)}`,
    };
  }

  /** Where there is no build-id: what the file begins with, in which Go puts an id of its own. */
  #identityOf(module: FoundModule): string {
    if (module.buildId !== null) return module.buildId;
    let identity = this.#identities.get(module);
    if (identity === undefined) {
      const { headers } = module;
      const head = headers === null ? module.name : this.#memory.read(headers.address, headers.headBytes);
      identity = fnv1a64(head.toString('latin1'));
      this.#identities.set(module, identity);
    }
    return identity;
  }
}
