import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { querySession } from '@/lib/client/query'
import { AppError } from '@/lib/errors'
import { joinNamespace, type Namespace } from '@/lib/iceberg/identifiers'
import { typeLabel } from '@/lib/iceberg/schema'
import { nameAtCursor } from '@/lib/query/completion'
import { sqlName, tableOfName } from '@/lib/query/table-name'
import type { TableReference } from '@/lib/query/table-references'

type Names = { connections: readonly string[]; connection: string }

/** Names of connections, namespaces, tables and columns at the cursor, read from the lake when they are asked for. */
export function useTableCompletion({ connections, connection }: Names) {
  const queryClient = useQueryClient()
  return useCallback(
    async (context: CompletionContext): Promise<CompletionResult | null> => {
      const name = nameAtCursor(context.state.doc.toString(), context.pos)
      if (!name) return null
      const isOpen = name.from < context.pos || name.qualifier.length > 0
      if (!isOpen && !context.explicit) return null
      const controller = new AbortController()
      context.addEventListener('abort', () => controller.abort())
      const lake = { queryClient, connections, connection, signal: controller.signal }
      const options = await optionsFor(name.qualifier, name.references, lake)
      return options.length === 0 ? null : { from: name.from, options, validFor: /^[\w"]*$/ }
    },
    [queryClient, connections, connection],
  )
}

type Lake = Names & { queryClient: QueryClient; signal: AbortSignal }

async function optionsFor(
  qualifier: readonly string[],
  references: readonly TableReference[],
  lake: Lake,
): Promise<Completion[]> {
  const [first = ''] = qualifier
  if (qualifier.length === 0) {
    const columns = await Promise.all(references.map((reference) => columnsOf(reference, lake)))
    const aliases = references.flatMap(({ alias }) => (alias === null ? [] : option(alias, 'variable', 'alias')))
    const connections = lake.connections.map((name) => option(name, 'class', 'connection'))
    return unique([...columns.flat(), ...aliases, ...(await inside([], lake)), ...connections])
  }
  const meant = references.filter(
    ({ alias, parts }) =>
      (qualifier.length === 1 && (alias ?? parts.at(-1))?.toLowerCase() === first.toLowerCase()) ||
      parts.join('\n') === qualifier.join('\n'),
  )
  const columns = await Promise.all(meant.map((reference) => columnsOf(reference, lake)))
  const isAlias = qualifier.length === 1 && references.some(({ alias }) => alias?.toLowerCase() === first.toLowerCase())
  return unique([...columns.flat(), ...(isAlias ? [] : await inside(qualifier, lake))])
}

/** What is directly in a namespace, or at the top of a connection. */
async function inside(qualifier: readonly string[], lake: Lake): Promise<Completion[]> {
  const { queryClient, connections } = lake
  const [first = '', ...rest] = qualifier
  const places: { connection: string; namespace: Namespace }[] = [{ connection: lake.connection, namespace: qualifier }]
  if (connections.includes(first)) places.push({ connection: first, namespace: rest })
  const found = await Promise.all(
    places.map(async ({ connection, namespace }) => {
      if (!(await isThere(connection, namespace, lake))) return []
      const parent = namespace.length === 0 ? null : namespace
      const listed = await quietly(queryClient.fetchQuery(namespacesQuery(connection, parent)))
      const tables = parent && (await quietly(queryClient.fetchQuery(tablesQuery(connection, parent))))
      return [
        ...(tables?.tables ?? []).map((table) => option(table, 'type', 'table')),
        ...(listed?.namespaces ?? []).map((child) => option(child.namespace.at(-1) ?? '', 'namespace', 'namespace')),
      ]
    }),
  )
  return found.flat()
}

/** Looked for from the top down: the lake is not asked for what was only half written, or meant otherwise. */
async function isThere(connection: string, namespace: Namespace, { queryClient }: Lake): Promise<boolean> {
  for (const [level, name] of namespace.entries()) {
    const parent = level === 0 ? null : namespace.slice(0, level)
    const listed = await quietly(queryClient.fetchQuery(namespacesQuery(connection, parent)))
    if (!listed?.namespaces.some((child) => child.namespace.at(-1) === name)) return false
  }
  return true
}

async function columnsOf({ parts, name, asOf }: TableReference, lake: Lake): Promise<Completion[]> {
  if (parts.length < 2) return []
  const ref = tableOfName(parts, name, lake)
  const fields = (await quietly(querySession().fieldsOf(ref, asOf, lake.signal))) ?? []
  const table = `${joinNamespace(ref.namespace)}.${ref.table}`
  return fields.map((field) => ({ ...option(field.name, 'property', typeLabel(field.type)), info: table }))
}

/** A name that does not exist yet is being written: nothing is offered, and nothing is wrong. */
async function quietly<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function option(name: string, type: string, detail: string): Completion {
  return { label: name, apply: sqlName([name]), type, detail, boost: type === 'property' ? 2 : 1 }
}

function unique(options: readonly Completion[]): Completion[] {
  return [...new Map(options.map((completion) => [`${completion.type} ${completion.label}`, completion])).values()]
}
