import 'server-only'
import type { ChangeOrigin } from '@/lib/contract/shapes/change-origin'
import { joinNamespace, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Role, RoleGrant } from '@/lib/permissions'
import type { TaskTable } from '../tables'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** A task that a run executes or a schedule queues, and the columns that both tables store it in. */

/** The user that a run acts for, and where they queued it, if not in the console. */
export type RunActor = {
  userId: string
  username: string
  role: Role | null
  /** The limit of the token that queued it. */
  limit?: RoleGrant
  origin?: ChangeOrigin
}

export type Task = {
  kind: string
  /** The task in words, without the table's name. */
  title: string
  spec: JsonObject
  actor: RunActor
  /** Null when the task is about a catalog, or about the console itself. */
  table: TableIdentifier | null
  /** Only one run with the same key is executed at a time; null: the run excludes no other. */
  exclusiveKey: string | null
}
/** A task that may omit a null `exclusiveKey`. */
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
