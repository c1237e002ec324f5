import path from 'node:path'
import ts from 'typescript'
import { type Source, walk } from './sources'

/** `file#name` of a binding at module level that can change after the module was loaded, and how that was found. */
export type ModuleState = { id: string; kind: 'let' | 'collection' | 'object' | 'mutated' | 'factory' | 'static' }

const COLLECTIONS = new Set(['Map', 'Set', 'WeakMap', 'WeakSet'])
/** Using them does not change their results; bytes are found when they are written to. */
const VALUES = /^(RegExp|TextDecoder|TextEncoder|Intl[.]\w+|URL|Date|\w+Array|ArrayBuffer|DataView)$/
const READS = new Set('get has size keys values entries forEach difference intersection union isSubsetOf'.split(' '))
const MUTATORS = new Set(
  (
    'set add delete clear push pop shift unshift splice sort reverse fill copyWithin addSubnet addAddress addRange ' +
    'append assign'
  ).split(' '),
)
/** Functions of packages whose results keep state. */
const STATEFUL_FACTORIES = new Set(['monotonicFactory'])
/** Functions of ours that remember the code of a component, as `React.lazy` does. */
const LAZY_CODE = new Set(['lazyComponent'])

/**
 * State that lives as long as a module: variables, collections that the module or its importers can change, objects of
 * classes, consts whose parts are assigned, static fields, and results of functions that keep state.
 *
 * @param findSource the source of a module of the product, to judge functions that another module declares
 */
export function findModuleState(
  source: Source,
  findSource: (file: string) => Source | undefined = () => undefined,
): ModuleState[] {
  const found = new Map<string, ModuleState['kind']>()
  const names = new Set<string>()
  for (const statement of source.root.statements) {
    if (ts.isClassDeclaration(statement)) {
      for (const member of statement.members) {
        if (isChangingStatic(member)) found.set(`${statement.name?.text}.${member.name?.getText()}`, 'static')
      }
    }
    if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name)
      names.add(statement.name.text)
    if (!ts.isVariableStatement(statement) || isAmbient(statement)) continue
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0
    for (const declaration of statement.declarationList.declarations) {
      const bound = boundNames(declaration.name)
      for (const name of bound) names.add(name)
      const kind = isConst ? judge(declaration, statement, source, findSource) : 'let'
      if (kind !== null) for (const name of bound) found.set(name, kind)
    }
  }
  for (const name of mutatedNames(source.root, names)) if (!found.has(name)) found.set(name, 'mutated')
  return [...found].map(([name, kind]) => ({ id: `${source.file}#${name}`, kind }))
}

/** Whether the file names `globalThis` or `global` as a value. Types such as `globalThis.PointerEvent` do not count. */
export function usesGlobalObject({ root }: Source): boolean {
  if (!/\bglobal(This)?\b/.test(root.text)) return false
  let isUsed = false
  walk(root, (node) => {
    if (!ts.isIdentifier(node) || (node.text !== 'globalThis' && node.text !== 'global')) return
    const { parent } = node
    if (ts.isPropertyAccessExpression(parent) && parent.name === node) return
    if (ts.isPropertyAssignment(parent) || ts.isQualifiedName(parent) || ts.isTypeQueryNode(parent)) return
    isUsed = true
  })
  return isUsed
}

function judge(
  declaration: ts.VariableDeclaration,
  statement: ts.VariableStatement,
  source: Source,
  findSource: (file: string) => Source | undefined,
): ModuleState['kind'] | null {
  if (!declaration.initializer) return null
  const value = unwrap(declaration.initializer)
  const parts = ts.isArrayLiteralExpression(value)
    ? value.elements.map(unwrap)
    : ts.isObjectLiteralExpression(value)
      ? value.properties.flatMap((property) =>
          ts.isPropertyAssignment(property) ? [unwrap(property.initializer)] : [],
        )
      : [value]
  for (const part of parts) {
    if (ts.isNewExpression(part)) {
      const made = part.expression.getText()
      if (VALUES.test(made)) continue
      if (!COLLECTIONS.has(made)) return 'object'
      if (/^(Readonly|readonly )/.test(declaration.type?.getText() ?? '')) continue
      const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
      // A collection within a constant is found when it is changed.
      if (part === value && (made.startsWith('Weak') || isExported || !isOnlyRead(declaration, source)))
        return 'collection'
      continue
    }
    if (
      ts.isCallExpression(part) &&
      ts.isIdentifier(part.expression) &&
      isStateful(part.expression.text, source, findSource)
    )
      return 'factory'
  }
  return null
}

/** Whether every use of a collection in its file only reads it, so that it cannot change. */
function isOnlyRead(declaration: ts.VariableDeclaration, { root }: Source): boolean {
  const name = declaration.name.getText()
  let isRead = true
  walk(root, (node) => {
    if (!ts.isIdentifier(node) || node.text !== name || node.parent === declaration) return
    const { parent } = node
    if (ts.isPropertyAccessExpression(parent)) {
      if (parent.name !== node && !READS.has(parent.name.text)) isRead = false
    } else if (ts.isBinaryExpression(parent) || ts.isExportSpecifier(parent)) isRead = false
  })
  return isRead
}

/** Whether the result of a function keeps a variable or a collection. */
function isStateful(name: string, source: Source, findSource: (file: string) => Source | undefined): boolean {
  if (LAZY_CODE.has(name)) return false
  if (STATEFUL_FACTORIES.has(name)) return true
  const here = findFunction(name, source)
  if (here) return remembers(here)
  for (const statement of source.root.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    const { namedBindings } = statement.importClause ?? {}
    if (!namedBindings || !ts.isNamedImports(namedBindings)) continue
    const specifier = namedBindings.elements.find((element) => element.name.text === name)
    if (!specifier) continue
    const { text } = statement.moduleSpecifier
    const target = text.startsWith('@/') ? text.slice(2) : path.posix.join(path.posix.dirname(source.file), text)
    const imported = findSource(target)
    const declared = imported && findFunction(specifier.propertyName?.text ?? name, imported)
    return declared !== undefined && remembers(declared)
  }
  return false
}

function findFunction(name: string, { root }: Source): ts.FunctionDeclaration | undefined {
  return root.statements.find(
    (statement): statement is ts.FunctionDeclaration =>
      ts.isFunctionDeclaration(statement) && statement.name?.text === name,
  )
}

function remembers({ body }: ts.FunctionDeclaration): boolean {
  const own = new Set<string>()
  for (const statement of body?.statements ?? []) {
    if (!ts.isVariableStatement(statement)) continue
    for (const { name } of statement.declarationList.declarations) for (const bound of boundNames(name)) own.add(bound)
  }
  if (!body || own.size === 0) return false
  let found = false
  walk(body, (node) => {
    if (found || node === body || !ts.isFunctionLike(node)) return
    found = mutatedNames(node, own).size > 0
  })
  return found
}

/** Which of the names a node assigns, or changes a part of. Declarations of the same name further in hide it. */
function mutatedNames(node: ts.Node, names: ReadonlySet<string>): Set<string> {
  const mutated = new Set<string>()
  walk(node, (child) => {
    const target = mutatedTarget(child)
    const name = target && rootName(target)
    // Few nodes change anything, so declarations are looked for only then.
    if (name != null && names.has(name) && !mutated.has(name) && !isDeclaredWithin(node, name, child)) mutated.add(name)
  })
  return mutated
}

/** The expression that a node assigns, deletes or changes by a call; null if it changes nothing. */
function mutatedTarget(node: ts.Node): ts.Node | null {
  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken } = node
    // The position of a sticky pattern is set before each search.
    const isPosition = ts.isPropertyAccessExpression(left) && left.name.text === 'lastIndex'
    return isAssignment(operatorToken.kind) && !isPosition ? left : null
  }
  if (ts.isPostfixUnaryExpression(node)) return node.operand
  if (ts.isPrefixUnaryExpression(node)) {
    const isChange = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken
    return isChange ? node.operand : null
  }
  if (ts.isDeleteExpression(node)) return node.expression
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null
  const { expression, name } = node.expression
  const isReverse = name.text === 'reverse' && node.arguments.length > 0
  if (!MUTATORS.has(name.text) || isReverse) return null
  return ts.isIdentifier(expression) && expression.text === 'Object' ? (node.arguments[0] ?? node) : expression
}

/** Whether a node, or one around it up to `outer`, declares the name. */
function isDeclaredWithin(outer: ts.Node, name: string, node: ts.Node): boolean {
  for (let at = node; ; at = at.parent) {
    if (declaredNames(at).includes(name)) return true
    if (at === outer) return false
  }
}

/** The names that parameters and the statements of a block declare. The module's own are not in it. */
function declaredNames(node: ts.Node): string[] {
  if (ts.isFunctionLike(node)) return node.parameters.flatMap(({ name }) => boundNames(name))
  if (ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node)) {
    const { initializer } = node
    return initializer && ts.isVariableDeclarationList(initializer) ? listedNames(initializer) : []
  }
  if (!ts.isBlock(node) && !ts.isCaseBlock(node)) return []
  const statements = ts.isBlock(node) ? node.statements : node.clauses.flatMap((clause) => [...clause.statements])
  return statements.flatMap((statement) =>
    ts.isVariableStatement(statement) ? listedNames(statement.declarationList) : [],
  )
}

function listedNames({ declarations }: ts.VariableDeclarationList): string[] {
  return declarations.flatMap(({ name }) => boundNames(name))
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment
}

/** `cache` of `cache.entries[key]`. A call between them returns something else. */
function rootName(node: ts.Node): string | null {
  if (ts.isIdentifier(node)) return node.text
  if (
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node)
  )
    return rootName(node.expression)
  return null
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)))
}

function unwrap(node: ts.Expression): ts.Expression {
  return ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)
    ? unwrap(node.expression)
    : node
}

function isChangingStatic(member: ts.ClassElement): boolean {
  if (!ts.isPropertyDeclaration(member)) return false
  const kinds = new Set(member.modifiers?.map(({ kind }) => kind))
  return kinds.has(ts.SyntaxKind.StaticKeyword) && !kinds.has(ts.SyntaxKind.ReadonlyKeyword)
}

function isAmbient(statement: ts.VariableStatement): boolean {
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) === true
}
