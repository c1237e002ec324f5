import 'server-only'
import { joinNamespace, splitNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Role } from '@/lib/permissions'
import type { TaskTable } from '../tables'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** A task that a run does or a schedule queues, and the columns that both tables hold it in. */

export type RunActor = { userId: string; username: string; role: Role }

export type Task = {
  kind: string
  /** For people: what is done, without the table's name. */
  title: string
  spec: JsonObject
  actor: RunActor
  /** Null where the task is about a catalog, or about the console itself. */
  table: TableIdentifier | null
  /** Of runs with the same key one is done at a time; null: nothing is in its way. */
  exclusiveKey: string | null
}
/** A task that may leave out that nothing is in its way. */
export type NewTask = Omit<Task, 'exclusiveKey'> & { exclusiveKey?: string | null }

export function taskColumns({ kind, title, spec, actor, table, exclusiveKey = null }: NewTask): TaskTable {
  return {
    kind,
    title,
    spec: JSON.stringify(spec),
    actor: JSON.stringify(actor),
    catalog: table && table.catalog,
    namespace: table && joinNamespace(table.namespace),
    table_name: table && table.table,
    exclusive_key: exclusiveKey,
  }
}

/** The JSON in a row was written by {@link taskColumns}, so its shape is known. */
export function toTask(row: TaskTable): Task {
  return {
    kind: row.kind,
    title: row.title,
    spec: JSON.parse(row.spec),
    actor: JSON.parse(row.actor),
    table: toTable(row),
    exclusiveKey: row.exclusive_key,
  }
}

function toTable({ catalog, namespace, table_name: table }: TaskTable): TableIdentifier | null {
  if (catalog === null || namespace === null || table === null) return null
  return { catalog, namespace: splitNamespace(namespace), table }
}
