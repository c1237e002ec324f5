import 'server-only'
import { joinNamespace, splitNamespace, type TableRef } from '@/lib/iceberg/identifiers'
import type { JsonObject } from '@/lib/iceberg/types'
import type { Role } from '@/lib/permissions'

/** What is to be done, as a run or by a schedule, and how a row of either has it. */

export type RunActor = { userId: string; username: string; role: Role }

export type Task = {
  kind: string
  /** For people: what is done, without the table's name. */
  title: string
  spec: JsonObject
  actor: RunActor
  /** Null of what is done to a catalog, or to the console itself. */
  table: TableRef | null
  /** Of runs with the same key one is done at a time; null: nothing is in its way. */
  exclusiveKey: string | null
}
/** A task that need not say that nothing is in its way. */
export type NewTask = Omit<Task, 'exclusiveKey'> & { exclusiveKey?: string | null }

type TableRow = { catalog: string | null; namespace: string | null; table_name: string | null }
export type TaskRow = TableRow & {
  kind: string
  title: string
  spec: string
  actor: string
  exclusive_key: string | null
}

/** In the order of {@link taskParams}. */
export const TASK_COLUMNS = 'kind, title, spec, actor, catalog, namespace, table_name, exclusive_key'

export function taskParams({ kind, title, spec, actor, table, exclusiveKey = null }: NewTask): (string | null)[] {
  return [kind, title, JSON.stringify(spec), JSON.stringify(actor), ...tableParams(table), exclusiveKey]
}

/** A table, or none, as the columns `catalog`, `namespace`, `table_name`. */
export function tableParams(table: TableRef | null): [string | null, string | null, string | null] {
  return table ? [table.catalog, joinNamespace(table.namespace), table.table] : [null, null, null]
}

/** JSON in a row was written by {@link taskParams}, so its shape is known. */
export function taskOfRow(row: TaskRow): Task {
  return {
    kind: row.kind,
    title: row.title,
    spec: JSON.parse(row.spec),
    actor: JSON.parse(row.actor),
    table: tableOfRow(row),
    exclusiveKey: row.exclusive_key,
  }
}

function tableOfRow({ catalog, namespace, table_name: table }: TableRow): TableRef | null {
  if (catalog === null || namespace === null || table === null) return null
  return { catalog, namespace: splitNamespace(namespace), table }
}
