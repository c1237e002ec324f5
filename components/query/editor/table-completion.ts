import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { EditorView } from '@codemirror/view'
import type { FetchQueryOptions, QueryClient, QueryKey } from '@tanstack/react-query'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { loadQuerySession } from '@/lib/client/query/query-run'
import { viewsQuery } from '@/lib/client/views'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { HISTORY_NAMESPACE, HISTORY_TABLE_NAMES } from '@/lib/facts/history-table-names'
import { joinNamespace, type Namespace } from '@/lib/names/identifiers'
import { nameLimitProblem } from '@/lib/names/name-limits'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { type NameAtCursor, nameAtCursor } from '@/lib/query/completion'
import type { DerivedTable } from '@/lib/query/tables/derived-tables'
import { knownFunctions } from '@/lib/client/query/sql-functions'
import { sqlName, resolveTableName } from '@/lib/query/tables/table-name'
import type { TableReference } from '@/lib/query/tables/table-references'
import { isAlias } from './alias'
import { isOfferedWord } from './sql-dialects'

type ConnectionNames = { connections: readonly string[]; connection: string }
export type CompletionSettings = ConnectionNames & {
  /** The state of tables whose state the text does not name; their columns are offered. */
  asOf: AsOf
}

/** Connections, namespaces, tables, views and columns that fit at the cursor; null without any. */
export async function completeAtCursor(
  context: CompletionContext,
  queryClient: QueryClient,
  { connections, connection, asOf }: CompletionSettings,
): Promise<CompletionResult | null> {
  const name = nameAtCursor(context.state.doc.toString(), context.pos, { nowMs: Date.now() })
  if (!name) return null
  const isOpen = name.from < context.pos || name.qualifier.length > 0
  if (!isOpen && !context.explicit) return null
  const controller = new AbortController()
  context.addEventListener('abort', () => controller.abort())
  const scope = { queryClient, connections, connection, asOf, signal: controller.signal }
  // A word that is finished offers nothing by itself: Enter ends the line.
  const written = context.state.sliceDoc(name.from, context.pos)
  if (!context.explicit && name.qualifier.length === 0 && isOfferedWord(written)) return null
  if (!context.explicit && name.qualifier.length === 0 && isAlias(name)) return null
  let isPart = false
  const onPart = () => {
    isPart = true
  }
  const options = await fetchOptions(name, { ...scope, written: written.replaceAll('"', ''), onPart })
  const labels = new Set(options.map(({ label }) => label.toLowerCase()))
  const isFinished = (text: string) => labels.has(text.toLowerCase()) || isOfferedWord(text)
  if (options.length === 0 || (!context.explicit && labels.has(written.toLowerCase()))) return null
  const found = { from: name.from, options }
  // Options that the server chose by what is written are requested again with each letter.
  return isPart ? found : { ...found, validFor: (text) => /^[\w"]*$/.test(text) && !isFinished(text) }
}

type CompletionScope = CompletionSettings & {
  queryClient: QueryClient
  signal: AbortSignal
  /** The part of the name before the cursor. */
  written: string
  /** Called when a namespace has more names than one page, so that only those with what is written are offered. */
  onPart: () => void
}

async function fetchOptions(
  { qualifier, references, derived, commonTableNames }: NameAtCursor,
  scope: CompletionScope,
): Promise<Completion[]> {
  const [first = ''] = qualifier
  if (qualifier.length === 0) {
    const columns = await Promise.all(references.map((reference) => fetchColumns(reference, scope)))
    const derivedColumns = await Promise.all(derived.map((table) => fetchDerivedColumns(table, scope)))
    const aliases = references.flatMap(({ alias }) => (alias === null ? [] : toOption(alias, 'variable', 'alias')))
    const derivedNames = [...commonTableNames, ...derived.map(({ name }) => name)]
    const tables = [...new Set(derivedNames)].map((name) => toOption(name, 'variable', 'in this query'))
    const connections = scope.connections.map((name) => toOption(name, 'class', 'connection'))
    const children = await fetchChildren([], scope)
    const history = toOption(HISTORY_NAMESPACE, 'namespace', 'collected history')
    const named = [
      ...columns.flat(),
      ...derivedColumns.flat(),
      ...tables,
      ...aliases,
      history,
      ...children,
      ...connections,
    ]
    return [...uniqueOptions(named), ...functionOptions()]
  }
  const isFirst = (name: string | undefined) => qualifier.length === 1 && name?.toLowerCase() === first.toLowerCase()
  const matchingReferences = references.filter(
    ({ alias, parts }) => isFirst(alias ?? parts.at(-1)) || parts.join('\n') === qualifier.join('\n'),
  )
  const matchingDerived = derived.filter(({ name }) => isFirst(name))
  const columns = await Promise.all([
    ...matchingReferences.map((reference) => fetchColumns(reference, scope)),
    ...matchingDerived.map((table) => fetchDerivedColumns(table, scope)),
  ])
  const isAlias = matchingDerived.length > 0 || references.some(({ alias }) => alias !== null && isFirst(alias))
  // A table of the same name comes first.
  const historyTables = qualifier.length === 1 && first === HISTORY_NAMESPACE && !isAlias ? HISTORY_TABLE_NAMES : []
  const ofHistory = historyTables.map((name) => toOption(name, 'type', 'collected history'))
  return uniqueOptions([...columns.flat(), ...ofHistory, ...(isAlias ? [] : await fetchChildren(qualifier, scope))])
}

/** The columns that its text names, and those of the tables of its `*`. */
async function fetchDerivedColumns(table: DerivedTable, scope: CompletionScope): Promise<Completion[]> {
  const ofStar = await Promise.all(table.tablesOfStar.map((reference) => fetchColumns(reference, scope)))
  return [...table.columns.map((name) => toOption(name, 'property', `of ${table.name}`)), ...ofStar.flat()]
}

/** The engine's functions, once they have loaded: names of tables and columns do not wait for them. */
function functionOptions(): Completion[] {
  return knownFunctions().map(({ name, kind, signature, description }) => ({
    label: name,
    type: 'function',
    detail: kind === 'scalar' ? 'function' : `${kind} function`,
    info: [`${name}(${signature.split(' → ')[0] ?? ''})`, description].filter(Boolean).join('\n'),
    apply: insertCall,
  }))
}

/** Inserts `name()` with the cursor between the parentheses, or before existing parentheses. */
function insertCall(view: EditorView, { label }: Completion, from: number, to: number): void {
  const hasCall = view.state.sliceDoc(to, to + 1) === '('
  view.dispatch({
    changes: { from, to, insert: hasCall ? label : `${label}()` },
    selection: { anchor: from + label.length + 1 },
    userEvent: 'input.complete',
  })
}

/** Direct children of a namespace, or top-level namespaces of a connection. */
async function fetchChildren(qualifier: readonly string[], scope: CompletionScope): Promise<Completion[]> {
  const { connections } = scope
  const [first = '', ...rest] = qualifier
  const targets: { connection: string; namespace: Namespace }[] = [
    { connection: scope.connection, namespace: qualifier },
  ]
  if (connections.includes(first)) targets.push({ connection: first, namespace: rest })
  const found = await Promise.all(
    targets.map(async ({ connection, namespace }) => {
      if (!(await namespaceExists(connection, namespace, scope))) return []
      const parent = namespace.length === 0 ? null : namespace
      const listed = await fetchNamespaces(connection, parent, scope.written, scope)
      const tables = parent && (await fetchNames((search) => tablesQuery(connection, parent, search), scope))
      const views = parent && (await fetchNames((search) => viewsQuery(connection, parent, search), scope))
      return [
        ...(tables?.tables ?? []).map((table) => toOption(table, 'type', 'table')),
        ...(views?.views ?? []).map((view) => toOption(view, 'type', 'view')),
        ...(listed?.namespaces ?? []).map((child) => toOption(child.namespace.at(-1) ?? '', 'namespace', 'namespace')),
      ]
    }),
  )
  return found.flat()
}

/** All names of a list; of a list that is longer than a page, those that contain what is written. */
async function fetchNames<Page extends { nextOffset: number | null }, Key extends QueryKey>(
  toQuery: (search?: string) => FetchQueryOptions<Page, Error, Page, Key>,
  { queryClient, written, onPart }: CompletionScope,
): Promise<Page | null> {
  const first = await nullOnAppError(queryClient.fetchQuery(toQuery()))
  if (first === null || first.nextOffset === null) return first
  onPart()
  return nullOnAppError(queryClient.fetchQuery(toQuery(written)))
}

/** All namespaces in a parent; of a list that is cut, those that contain what is written. */
async function fetchNamespaces(
  connection: string,
  parent: Namespace | null,
  written: string,
  { queryClient, onPart }: CompletionScope,
) {
  const first = await nullOnAppError(queryClient.fetchQuery(namespacesQuery(connection, parent)))
  if (first === null || !first.isTruncated) return first
  onPart()
  return nullOnAppError(queryClient.fetchQuery(namespacesQuery(connection, parent, written)))
}

/** Checks level by level from the top, so that no request is sent for a half-typed name. */
async function namespaceExists(connection: string, namespace: Namespace, scope: CompletionScope): Promise<boolean> {
  for (const [level, name] of namespace.entries()) {
    const parent = level === 0 ? null : namespace.slice(0, level)
    const listed = await fetchNamespaces(connection, parent, name, { ...scope, onPart: () => undefined })
    if (!listed?.namespaces.some((child) => child.namespace.at(-1) === name)) return false
  }
  return true
}

async function fetchColumns(
  { parts, nameRange: name, asOf }: TableReference,
  scope: CompletionScope,
): Promise<Completion[]> {
  if (parts.length < 2 || nameLimitProblem({ namespace: parts }) !== null) return []
  const identifier = resolveTableName(parts, name, scope)
  const fieldsAsOf = Object.keys(asOf).length > 0 ? asOf : scope.asOf
  const read = async () => (await loadQuerySession()).readFields(identifier, fieldsAsOf, scope.signal)
  const fields = (await nullOnAppError(read())) ?? []
  const table = `${joinNamespace(identifier.namespace)}.${identifier.table}`
  return fields.map((field) => ({ ...toOption(field.name, 'property', typeLabel(field.type)), info: table }))
}

/** An unknown name may be half typed, so it gives no completions and no error. */
async function nullOnAppError<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function toOption(name: string, type: string, detail: string): Completion {
  return { label: name, apply: sqlName([name]), type, detail, boost: type === 'property' ? 2 : 1 }
}

function uniqueOptions(options: readonly Completion[]): Completion[] {
  return [...new Map(options.map((completion) => [`${completion.type} ${completion.label}`, completion])).values()]
}
