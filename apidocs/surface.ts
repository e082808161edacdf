/**
 * What a package's entry point exports, as its built declarations say: the names, and the text of
 * each declaration without its comments. Types that are mentioned and not exported come last.
 */
import ts from 'typescript'

/** The text of each declaration, by the name it is exported under. */
export type Surface = ReadonlyMap<string, string>

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  types: [],
  noEmit: true,
  skipLibCheck: true,
}

const printer = ts.createPrinter({ removeComments: true })

/** The surfaces of these declaration files, in their order. What any of them exports is known to all. */
export function surfacesOf(files: readonly string[]): Surface[] {
  const program = ts.createProgram({ rootNames: files, options: OPTIONS })
  const checker = program.getTypeChecker()
  const sources = files.map((file) => {
    const source = program.getSourceFile(file)
    if (source === undefined) throw new Error(`${file} is not there: npm run build makes it`)
    return source
  })
  const exports = sources.map((source) => exportsOf(checker, source))
  const known = new Set(exports.flatMap((named) => named.map(([, symbol]) => symbol)))
  return sources.map((source, at) => {
    const named = exports[at] ?? []
    const hidden = mentionedBy(checker, named, known)
    return new Map([...texts(named), ...texts(hidden), ...globalsOf(source)])
  })
}

type Named = readonly (readonly [string, ts.Symbol])[]

function exportsOf(checker: ts.TypeChecker, source: ts.SourceFile): Named {
  const module = checker.getSymbolAtLocation(source)
  const symbols = module === undefined ? [] : checker.getExportsOfModule(module)
  return symbols.map((symbol) => [symbol.name, targetOf(checker, symbol)] as const)
}

function texts(named: Named): [string, string][] {
  return named
    .map(([name, symbol]): [string, string] => [name, textOf(symbol)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** What `export { x } from` stands for. */
function targetOf(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
  return isAlias ? checker.getAliasedSymbol(symbol) : symbol
}

function textOf(symbol: ts.Symbol): string {
  return (symbol.declarations ?? []).map((each) => print(statementOf(each))).join('\n')
}

/** `const x: T` is declared by a part of a statement. */
function statementOf(declaration: ts.Node): ts.Node {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
}

function print(node: ts.Node): string {
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
}

/** The types that a reader needs in order to understand these, and cannot import. */
function mentionedBy(checker: ts.TypeChecker, named: Named, known: ReadonlySet<ts.Symbol>): Named {
  const hidden = new Set<ts.Symbol>()
  function visit(node: ts.Node): void {
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined
    if (symbol !== undefined) add(targetOf(checker, symbol))
    ts.forEachChild(node, visit)
  }
  function add(symbol: ts.Symbol): void {
    if (known.has(symbol) || hidden.has(symbol) || !isOwnType(symbol)) return
    hidden.add(symbol)
    symbol.declarations?.forEach(visit)
  }
  for (const [, symbol] of named) symbol.declarations?.forEach(visit)
  return [...hidden].map((symbol) => [`${symbol.name} (not exported)`, symbol] as const)
}

const TYPES = ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias

/** A type of this repository; those of libraries are theirs. */
function isOwnType(symbol: ts.Symbol): boolean {
  const files = (symbol.declarations ?? []).map((each) => each.getSourceFile().fileName)
  const isOwn = files.length > 0 && files.every((file) => /\/packages\/[^/]+\/dist\//.test(file))
  return isOwn && (symbol.flags & TYPES) !== 0
}

/** `declare global`, which has no name. */
function globalsOf(source: ts.SourceFile): [string, string][] {
  return source.statements
    .filter((statement) => ts.isModuleDeclaration(statement))
    .map((statement) => [`declare ${statement.name.text}`, print(statement)])
}
