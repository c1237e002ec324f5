import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { listRuns, type Run } from '@/server/db/jobs/runs'
import type { NewTask, RunActor } from '@/server/db/jobs/task-columns'

/** Clones as web processes know them. Workers carry them out: see `clone-run`. */

export const CLONE_TABLE = 'clone-table'

/** Manifests of the clone are built from a list of all files. */
export const MAX_FILES = 100_000

const identifier = z.object({ catalog: z.string(), namespace: z.array(z.string()).readonly(), table: z.string() })

const cloneSpec = z.object({
  source: identifier,
  /** Another table may get the name meanwhile. */
  sourceTableUuid: z.string(),
  /** The cloned snapshot, fixed when the clone is requested; null for a table without a snapshot. */
  snapshotId: z.string().nullable(),
  schemaId: z.int(),
  /** Null: the catalog of the clone chooses. */
  location: z.string().nullable(),
  keepsPartitioning: z.boolean(),
  keepsSortOrder: z.boolean(),
  keepsDescription: z.boolean(),
  /** The other properties that go along. */
  properties: z.array(z.string()),
})
export type CloneSpec = z.output<typeof cloneSpec>

const outcomeSchema = z.object({
  snapshotId: z.string().nullable(),
  dataFilesCopied: z.int(),
  deleteFilesCopied: z.int(),
  /** Rows of the data files, before deletes apply. */
  rowsCopied: z.int(),
  bytesCopied: z.int(),
})
export type CloneOutcome = z.output<typeof outcomeSchema>

export function parseCloneOutcome(json: JsonObject): CloneOutcome {
  return outcomeSchema.parse(json)
}

export function parseCloneSpec(json: JsonObject): CloneSpec {
  return cloneSpec.parse(json)
}

/**
 * The same clone, if it waits or is in progress.
 *
 * @throws {AppError} already-exists while another table is cloned to the name
 */
export async function findOpenClone(
  database: Database,
  target: TableIdentifier,
  spec: CloneSpec,
  actor: Actor,
): Promise<Run | null> {
  const exclusiveKey = toExclusiveKey(target)
  const [open] = await listRuns(database, { kind: CLONE_TABLE, exclusiveKey, states: ['queued', 'running'], limit: 1 })
  if (!open) return null
  if (isDeepStrictEqual(cloneSpec.parse(open.spec), spec) && open.actor.userId === actor.userId) return open
  throw new AppError('already-exists', 'Another clone to this name is already queued or in progress.')
}

function toExclusiveKey({ catalog, namespace, table }: TableIdentifier): string {
  return `${CLONE_TABLE} ${JSON.stringify([catalog, namespace, table])}`
}

/** Another clone to the same name is not executed at the same time. */
export function toCloneTask(target: TableIdentifier, spec: CloneSpec, actor: RunActor): NewTask {
  const title = `Clone ${namespaceLabel(spec.source.namespace)}.${spec.source.table}`
  return { kind: CLONE_TABLE, title, spec, actor, table: target, exclusiveKey: toExclusiveKey(target) }
}
