import path from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'

/**
 * Counts how many functions a value passes through on its way through the server, by the types of the compiler.
 *
 * **A commit.** A pass is a parameter, or a property that a parameter destructures, through which a value of the
 * request context (`actor`, `signal`, `requestId`) travels from the handler of `commitChanges`, by itself or in an
 * object. A parameter counts once, however many callers it has. The value is followed into called functions, into every
 * implementation of a called method of a port, through objects and instances that are built around it, through local
 * consts and through fields; not through return values, and not into the clock. Among the actions that `carryOut` accepts, only that of
 * `commitChanges` is on the way, and among the writes of a catalog, only the commit of a table.
 *
 * **A load.** A hand-over is a pair of modules in which one passes the input, the rows, or the files made of them to
 * the other. The count is the longest way in each of the two processes of a load, from its run to the commit, and from
 * the start of its child to the staged files: some modules are alternatives of each other.
 */
export const MAX_COMMIT_PASSES = 60
export const MAX_LOAD_HAND_OVERS = 8

const COMMIT = { file: 'server/endpoints/table/changes.ts', endpoint: 'commitChanges' }
/** Files of actions other than that of the commit: `carryOut` could call them, but the handler names its own. */
const OTHER_ACTION = /^server\/changes\/actions\/(?!change-table\.)/
/** Time takes what the platform's timers took before it was a service, and those are no part of the way. */
const CLOCK = 'server/timing/clock.ts'
/** In the records of an adapter's writes, the one that a commit is. */
const COMMIT_WRITE = "'commit-table'"
const LOAD = ['server/ingest/run/ingest-run.ts', 'server/ingest/run/duckdb-child.ts']
/** The input of a load, its rows, and the files made of them. */
const CARRIERS = new Set(
  'InputFile LoadedInput StagedRows StagedFile StageResult MeasuredFile DataFile ManifestEntry ChildMessage'.split(' '),
)

type Pass = { file: string; line: number; parameter: string }
type HandOver = { from: string; to: string }

export function openProduct(): ts.Program {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file))
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd())
  return ts.createProgram([COMMIT.file, ...LOAD], { ...options, noEmit: true, incremental: false })
}

/** A value on its way: `route` are the properties that lead from it to the followed value. */
type Traced = { symbol: ts.Symbol; route: readonly string[] }

const REQUEST_CONTEXT = ['actor', 'signal', 'requestId']

/** @returns each pass of some values of the request, in the order in which they are found */
export function countCommitPasses(program: ts.Program, properties: readonly string[] = REQUEST_CONTEXT): Pass[] {
  const checker = program.getTypeChecker()
  const implementations = new Implementations(program, checker)
  const passes = new Map<ts.Node, Pass>()
  const seen = new Set<string>()
  const waiting: Traced[] = []
  const usesByFile = new Map<ts.SourceFile, Map<ts.Symbol, ts.Identifier[]>>()

  const enter = (name: ts.BindingName, route: readonly string[], isParameter: boolean): void => {
    if (ts.isObjectBindingPattern(name)) {
      for (const element of name.elements) {
        const key = (element.propertyName ?? element.name).getText()
        if (element.dotDotDotToken) enter(element.name, route, isParameter)
        else if (key === route[0]) enter(element.name, route.slice(1), isParameter)
      }
      return
    }
    if (!ts.isIdentifier(name)) return
    const symbol = checker.getSymbolAtLocation(name)
    if (!symbol) return
    if (isParameter && !passes.has(name)) passes.set(name, { ...sourcePosition(name), parameter: name.text })
    follow(symbol, route)
  }
  const follow = (symbol: ts.Symbol, route: readonly string[]): void => {
    const declaration = symbol.declarations?.[0]
    const key = `${declaration?.getSourceFile().fileName}:${declaration?.pos} ${route.join('.')}`
    if (seen.has(key) || route.length > MAX_ROUTE) return
    seen.add(key)
    waiting.push({ symbol, route })
  }

  /** The call that creates an object whose constructor sets the field. */
  const instances = (assignment: ts.Node): readonly ts.NewExpression[] => {
    const maker = ts.findAncestor(assignment, ts.isConstructorDeclaration)
    return maker
      ? program
          .getSourceFiles()
          .filter(isProduct)
          .flatMap((source) => newExpressionsOf(source, maker))
      : []
  }
  const newExpressionsOf = (source: ts.SourceFile, maker: ts.ConstructorDeclaration): ts.NewExpression[] => {
    const found: ts.NewExpression[] = []
    walk(source, (node) => {
      if (ts.isNewExpression(node) && checker.getResolvedSignature(node)?.declaration === maker) found.push(node)
    })
    return found
  }

  /** Follows a value from an expression that has it to its next stations. */
  const trace = (expression: ts.Node, route: readonly string[]): void => {
    const { parent } = expression
    if (ts.isPropertyAccessExpression(parent) && parent.expression === expression) {
      if (parent.name.text === route[0]) trace(parent, route.slice(1))
      return
    }
    if (ts.isShorthandPropertyAssignment(parent)) return trace(parent.parent, [parent.name.text, ...route])
    if (ts.isPropertyAssignment(parent) && parent.initializer === expression)
      return trace(parent.parent, [parent.name.getText(), ...route])
    if (ts.isSpreadAssignment(parent)) return trace(parent.parent, route)
    if (isTransparent(parent, expression)) return trace(parent, route)
    if (ts.isVariableDeclaration(parent) && parent.initializer === expression) return enter(parent.name, route, false)
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const field = parent.right === expression && checker.getSymbolAtLocation(parent.left)
      if (field) follow(field, route)
      if (field) for (const made of instances(parent)) trace(made, [field.name, ...route])
      return
    }
    if (!ts.isCallExpression(parent) && !ts.isNewExpression(parent)) return
    const index = parent.arguments?.indexOf(expression as ts.Expression) ?? -1
    if (index < 0) return
    for (const callee of implementations.of(parent)) {
      const parameter = callee.parameters[index]
      if (!parameter || !isProduct(parameter.getSourceFile())) continue
      const file = relativePath(parameter.getSourceFile())
      if (OTHER_ACTION.test(file) || file === CLOCK) continue
      enter(parameter.name, route, true)
    }
  }

  const handler = findHandler(program, checker)
  const request = handler.parameters[1]
  for (const property of properties) if (request) enter(request.name, [property], true)
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const file = next.symbol.declarations?.[0]?.getSourceFile()
    if (!file) continue
    const uses = usesByFile.get(file) ?? indexUses(file, checker)
    usesByFile.set(file, uses)
    for (const use of uses.get(next.symbol) ?? []) {
      const isField = ts.isPropertyAccessExpression(use.parent) && use.parent.name === use
      trace(isField ? use.parent : use, next.route)
    }
  }
  return [...passes.values()]
}

/** The longest route from an object to the value that is followed; a deeper one is a circle. */
const MAX_ROUTE = 6

/** @returns the hand-overs of a load, in the order of the modules */
export function countLoadHandOvers(program: ts.Program): HandOver[] {
  const checker = program.getTypeChecker()
  const implementations = new Implementations(program, checker)
  const found = new Map<string, HandOver>()
  const waiting = LOAD.map((file) => requireSource(program, file))
  const seen = new Set(waiting)
  for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
    const from = relativePath(source)
    walk(source, (node) => {
      if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return
      const values = [...(node.arguments ?? []), node]
      if (!values.some((value) => partsOf(value).some((part) => carries(checker.getTypeAtLocation(part), checker))))
        return
      for (const callee of implementations.of(node)) {
        const target = callee.getSourceFile()
        if (target === source || !isProduct(target) || !relativePath(target).startsWith('server/')) continue
        found.set(`${from} ${relativePath(target)}`, { from, to: relativePath(target) })
        if (seen.has(target)) continue
        seen.add(target)
        waiting.push(target)
      }
    })
  }
  return [...found.values()]
}

/** The longest way of each process of a load: modules, each once, in the order in which they get the input. */
export function findLoadWays(handOvers: readonly HandOver[]): string[][] {
  const longestFrom = (file: string, before: readonly string[]): string[] => {
    const ways = handOvers
      .filter(({ from, to }) => from === file && !before.includes(to))
      .map(({ to }) => longestFrom(to, [...before, to]))
    const longest = ways.toSorted((a, b) => b.length - a.length)[0] ?? []
    return [file, ...longest]
  }
  return LOAD.map((file) => longestFrom(file, [file]))
}

export function countSteps(ways: readonly (readonly string[])[]): number {
  return ways.reduce((sum, way) => sum + way.length - 1, 0)
}

/** An expression, and the values that an object in it is made of. */
function partsOf(value: ts.Expression): ts.Node[] {
  if (!ts.isObjectLiteralExpression(value)) return [value]
  return [
    value,
    ...value.properties.map((each) => (ts.isPropertyAssignment(each) ? each.initializer : (each.name ?? each))),
  ]
}

/** Whether a value is one of the counted ones, or a list or a promise of them. */
function carries(type: ts.Type, checker: ts.TypeChecker, depth = 2): boolean {
  const name = type.aliasSymbol?.name ?? type.getSymbol()?.name ?? ''
  if (CARRIERS.has(name)) return true
  if (depth === 0) return false
  if (type.isUnion()) return type.types.some((part) => carries(part, checker, depth - 1))
  const parts = checker.getTypeArguments(type as ts.TypeReference)
  return /^(Promise|Array|ReadonlyArray)$/.test(name) && parts.some((part) => carries(part, checker, depth - 1))
}

/** The code that a call may run: the function, or every implementation of a method without a body. */
class Implementations {
  readonly #checker: ts.TypeChecker
  /** By the function type that is expected where they are written, if it has a name or is that of a record's values. */
  readonly #typed = new Map<ts.Node, ts.SignatureDeclaration[]>()
  /** By name: functions that object literals and classes have as members. */
  readonly #members = new Map<string, { member: ts.Node; run: ts.SignatureDeclaration }[]>()

  constructor(program: ts.Program, checker: ts.TypeChecker) {
    this.#checker = checker
    for (const source of program.getSourceFiles().filter(isProduct)) {
      walk(source, (node) => {
        this.#addTyped(node)
        const run = ts.isMethodDeclaration(node)
          ? node
          : ts.isPropertyAssignment(node)
            ? functionOf(node.initializer)
            : null
        if (!run || !ts.isObjectLiteralExpression(node.parent)) return
        const name = (node as ts.PropertyAssignment).name.getText()
        this.#members.set(name, [...(this.#members.get(name) ?? []), { member: node, run }])
      })
    }
  }

  of(call: ts.CallExpression | ts.NewExpression): ts.SignatureDeclaration[] {
    const declaration = this.#checker.getResolvedSignature(call)?.declaration
    if (!declaration || ts.isJSDocSignature(declaration)) return []
    if ('body' in declaration && declaration.body) return [declaration]
    const typed = (this.#typed.get(declaration) ?? []).filter((each) => each !== declaration)
    const callee = this.#checker.getSymbolAtLocation(
      ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression,
    )
    if (!callee) return [declaration, ...typed]
    const made = (this.#members.get(callee.name) ?? []).filter(({ member }) => this.#fills(member, callee))
    return [...new Set([declaration, ...made.map(({ run }) => run), ...typed])]
  }

  #addTyped(node: ts.Node): void {
    const isExpression = ts.isArrowFunction(node) || ts.isFunctionExpression(node)
    const isInRecord = ts.isIdentifier(node) && ts.isPropertyAssignment(node.parent) && node.parent.initializer === node
    if (!isExpression && !isInRecord) return
    const expected = this.#checker.getContextualType(node)?.getCallSignatures()[0]?.declaration
    if (!expected || !(ts.isTypeAliasDeclaration(expected.parent) || ts.isMappedTypeNode(expected.parent))) return
    if (ts.isMappedTypeNode(expected.parent) && keyOf(node) !== COMMIT_WRITE) return
    const run = isExpression ? node : this.#functionNamed(node)
    if (run) this.#typed.set(expected, [...(this.#typed.get(expected) ?? []), run])
  }

  #functionNamed(name: ts.Identifier): ts.SignatureDeclaration | null {
    const symbol = this.#checker.getSymbolAtLocation(name)
    const isImported = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0
    const declared = (isImported ? this.#checker.getAliasedSymbol(symbol) : symbol)?.valueDeclaration
    return declared && ts.isFunctionDeclaration(declared) ? declared : null
  }

  /** Whether the member of an object literal is the property of the type that is expected there. */
  #fills(member: ts.Node, property: ts.Symbol): boolean {
    const expected = this.#checker.getContextualType(member.parent as ts.ObjectLiteralExpression)
    const declared = expected?.getProperty(property.name)?.declarations ?? []
    return declared.some((each) => property.declarations?.includes(each) === true)
  }
}

function keyOf({ parent }: ts.Node): string | null {
  return ts.isPropertyAssignment(parent) ? parent.name.getText() : null
}

function functionOf(node: ts.Expression): ts.SignatureDeclaration | null {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node) ? node : null
}

function findHandler(program: ts.Program, checker: ts.TypeChecker): ts.SignatureDeclaration {
  let handler: ts.SignatureDeclaration | null = null
  walk(requireSource(program, COMMIT.file), (node) => {
    if (!ts.isCallExpression(node) || node.arguments[1]?.getText() !== COMMIT.endpoint) return
    const [last] = node.arguments.slice(-1)
    const declared = last && ts.isIdentifier(last) && checker.getSymbolAtLocation(last)?.valueDeclaration
    handler = (last && functionOf(last)) ?? (declared && ts.isFunctionDeclaration(declared) ? declared : handler)
  })
  if (!handler) throw new Error(`${COMMIT.file} serves no ${COMMIT.endpoint}. Name the file that does in this script.`)
  return handler
}

function indexUses(source: ts.SourceFile, checker: ts.TypeChecker): Map<ts.Symbol, ts.Identifier[]> {
  const uses = new Map<ts.Symbol, ts.Identifier[]>()
  walk(source, (node) => {
    if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) return
    const isShorthand = ts.isShorthandPropertyAssignment(node.parent)
    const symbol = isShorthand
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node)
    if (symbol) uses.set(symbol, [...(uses.get(symbol) ?? []), node as ts.Identifier])
  })
  return uses
}

function isTransparent(parent: ts.Node, expression: ts.Node): boolean {
  if (ts.isConditionalExpression(parent)) return parent.condition !== expression
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken
  return (
    ts.isAsExpression(parent) ||
    ts.isSatisfiesExpression(parent) ||
    ts.isParenthesizedExpression(parent) ||
    ts.isNonNullExpression(parent)
  )
}

function sourcePosition(node: ts.Node): { file: string; line: number } {
  const source = node.getSourceFile()
  return { file: relativePath(source), line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 }
}

function relativePath({ fileName }: ts.SourceFile): string {
  return path.relative(process.cwd(), fileName).replaceAll('\\', '/')
}

function isProduct(source: ts.SourceFile): boolean {
  return /^(lib|server)[/]/.test(relativePath(source)) && !source.isDeclarationFile
}

function requireSource(program: ts.Program, file: string): ts.SourceFile {
  const source = program.getSourceFile(path.resolve(file))
  if (!source) throw new Error(`there is no ${file}`)
  return source
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

function main(): void {
  const program = openProduct()
  const passes = countCommitPasses(program)
  for (const { file, line, parameter } of passes.toSorted((a, b) => (a.file < b.file ? -1 : 1)))
    console.log(`${`${file}:${line}`.padEnd(68)} ${parameter}`)
  const fileCount = new Set(passes.map(({ file }) => file)).size
  const authCount = passes.filter(({ file }) => file.startsWith('server/auth/')).length
  console.log(
    `\nrequest context of a commit: ${passes.length} passes in ${fileCount} files, ${authCount} of them in server/auth.`,
  )
  console.log(`At most: ${MAX_COMMIT_PASSES}.`)
  for (const property of REQUEST_CONTEXT) {
    const others = countCommitPasses(program, [property])
    console.log(`${property}: ${others.length} passes in ${new Set(others.map(({ file }) => file)).size} files.`)
  }
  const ways = findLoadWays(countLoadHandOvers(program))
  for (const way of ways) console.log(`\n${way.join('\n  → ')}`)
  const handOverCount = countSteps(ways)
  console.log(`\nload: ${handOverCount} hand-overs. At most: ${MAX_LOAD_HAND_OVERS}.`)
  if (passes.length > MAX_COMMIT_PASSES || handOverCount > MAX_LOAD_HAND_OVERS) process.exitCode = 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
