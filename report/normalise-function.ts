/** Longer names are cut: the C++ ones that get there differ in nothing that a person would read. */
const MAX_NAME_LENGTH = 240;
/** No brackets are balanced in more than this; a hostile symbol table holds names of any length. */
const MAX_INPUT_LENGTH = 8192;

/** glibc picks one of these by the processor: the same crash must not differ between two machines. */
const IFUNC_VARIANT =
  /^_*((?:mem|str|stp|wcs|wmem|raw)[a-z]+?)_(?:avx|sse|ssse|evex|erms|sve|neon|generic|mops|a64fx|kunpeng|thunderx|falkor|bsd)\w*$/;

/** What compilers and linkers hang on a name, in any order and number. */
const CLONE_SUFFIX =
  /(?:\s*\[clone [^\]]*\]|\.(?:isra|part|constprop|cold|llvm|lto_priv|localalias|hot|split|warm|specialized|abi0|abiinternal)(?:\.\d+)*|\.\d+|\.abi0)+$/;

/**
 * A function's name without what differs between two builds, machines or calls of the same code:
 *
 * - symbol versions (`@@GLIBC_2.34`), `__GI_`, variants that glibc picks by processor;
 * - clone suffixes (`.isra.0`, `.part.1`, `.cold`, `[clone ...]`), Rust's hash (`::h0123456789abcdef`), `[abi:cxx11]`;
 * - template and type arguments, parameters, return types, Go's `[go.shape...]`.
 *
 * What stays: `(anonymous namespace)`, Go's receiver `(*T)`, operators, `<A as B>` of Rust.
 *
 * @param name As gdb prints it, demangled.
 */
export function normaliseFunction(name: string): string {
  let text = name.slice(0, MAX_INPUT_LENGTH).trim();
  text = text.replace(/@@?[A-Z][\w.]*$/, '').replace(/^__GI_/, '');
  text = text.replace(CLONE_SUFFIX, '').replace(/\[abi:[^\]]*\]/g, '');
  text = text.replace(/::h[0-9a-f]{16}(?=$|::)/g, '').replace(/\[go\.shape.*\]|\[\.\.\.\]/g, '');
  text = withoutArguments(text);
  text = IFUNC_VARIANT.exec(text)?.[1] ?? text;
  return text.length > MAX_NAME_LENGTH ? `${text.slice(0, MAX_NAME_LENGTH - 1)}…` : text;
}

/** Drops `<...>` and `(...)` where they are arguments, and the return type in front. */
function withoutArguments(text: string): string {
  let kept = '';
  for (let at = 0; at < text.length; ) {
    const operator = /^operator(?:\(\)|<=>|<<=?|>>=?|->\*?|[<>]=?)/.exec(text.slice(at, at + 12))?.[0];
    if (operator !== undefined && !/\w$/.test(kept)) {
      kept += operator;
      at += operator.length;
      continue;
    }
    const character = text[at] ?? '';
    if (character !== '<' && character !== '(') {
      kept += character;
      at += 1;
      continue;
    }
    const end = closingOf(text, at);
    if (staysWhole(text.slice(at, end), kept)) kept += text.slice(at, end);
    // Rust writes the arguments of a type in a path as `Vec::<T>::new`.
    else if (character === '<' && kept.endsWith('::')) kept = kept.slice(0, -2);
    at = end;
  }
  return withoutReturnType(kept.replace(/\s+(?:const|volatile|noexcept|&&?)(?=\s|$)/g, '').trim());
}

/** Whether a bracketed part belongs to the name. */
function staysWhole(group: string, before: string): boolean {
  if (group === '(anonymous namespace)') return true;
  // Go: main.(*Server).Serve
  if (group.startsWith('(')) return before.endsWith('.') && /^\(\*?[\w.]+\)$/.test(group);
  return before === '' || before.endsWith('{') || / as |^<impl /.test(group);
}

/** `void ns::f` -> `ns::f`; not in `operator bool`, `<A as B>::c`, `(anonymous namespace)::f`, `{closure#0}`. */
function withoutReturnType(text: string): string {
  const operator = text.search(/\boperator\b/);
  const name = operator === -1 ? text : text.slice(0, operator);
  let depth = 0;
  for (let at = name.length - 1; at >= 0; at -= 1) {
    const character = name[at] ?? '';
    if (')>}'.includes(character)) depth += 1;
    else if ('(<{'.includes(character)) depth -= 1;
    else if (character === ' ' && depth === 0) return text.slice(at + 1);
  }
  return text;
}

/** Where the bracket that opens at `from` has closed; the text's end where it never does. */
function closingOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '(' || character === '<') depth += 1;
    else if (character === ')') depth -= 1;
    // The arrow of a Rust function type and of C++'s operator-> closes nothing.
    else if (character === '>' && text[at - 1] !== '-') depth -= 1;
    if (depth <= 0) return at + 1;
  }
  return text.length;
}
