import 'server-only'
import { randomInt } from 'node:crypto'
import { joinNamespace, type Namespace, splitNamespace } from '@/lib/names/identifiers'
import type { Change, Database } from '../database'
import { change, query } from '../statement'

/**
 * Objects that have changed since they were indexed: rows that are written in the transaction of the change, and
 * removed in the one that writes the index.
 */

/** A table or a view; a namespace has no name. */
export type SearchObjectName = { catalog: string; namespace: Namespace; name: string | null }

/** `version` differs after each change, so that no worker removes a row because of an earlier one. */
export type PendingObject = SearchObjectName & { version: number; attempts: number }

const MAX_VERSION = 2 ** 47
/** How long a worker has for the objects that it took. */
const TAKEN_MS = 2 * 60_000

export function newPendingVersion(): number {
  return randomInt(MAX_VERSION)
}

/** @param dueInMs how long workers leave it to the caller */
export function pendingObjectChange(
  object: SearchObjectName,
  { dueInMs = 0, version = newPendingVersion() }: { dueInMs?: number; version?: number } = {},
): Change {
  return change(({ db, nowMs }) =>
    db
      .insertInto('search_pending')
      .values((eb) => ({ ...keyOf(object), version, attempts: 0, due_at_ms: eb(nowMs, '+', eb.val(dueInMs)) }))
      .onConflict((conflict) =>
        conflict.columns(['catalog', 'namespace', 'name']).doUpdateSet((eb) => ({
          version,
          attempts: 0,
          due_at_ms: eb(nowMs, '+', eb.val(dueInMs)),
        })),
      ),
  )
}

/** Takes due objects, the longest due first. Another worker takes them if this one does not finish. */
export async function takePendingObjects(database: Database, limit: number): Promise<PendingObject[]> {
  const rows = await database.read(
    query(({ db, nowMs }) =>
      db.selectFrom('search_pending').selectAll().where('due_at_ms', '<=', nowMs).orderBy('due_at_ms').limit(limit),
    ),
  )
  if (rows.length === 0) return []
  const taken = await database.commit(
    rows.map((row) =>
      change(({ db, nowMs }) =>
        db
          .updateTable('search_pending')
          .set((eb) => ({ due_at_ms: eb(nowMs, '+', eb.val(TAKEN_MS)) }))
          .where('catalog', '=', row.catalog)
          .where('namespace', '=', row.namespace)
          .where('name', '=', row.name)
          .where('version', '=', row.version)
          .where('due_at_ms', '=', row.due_at_ms),
      ),
    ),
  )
  return rows.flatMap(({ catalog, namespace, name, version, attempts }, index) =>
    taken[index] === 1
      ? [{ catalog, namespace: splitNamespace(namespace), name: name === '' ? null : name, version, attempts }]
      : [],
  )
}

/** Fails the transaction when the object has changed again, or another worker has indexed it. */
export function removePendingObject(object: SearchObjectName & { version: number }): Change {
  return change(
    ({ db }) =>
      db
        .deleteFrom('search_pending')
        .where((eb) => eb.and(keyOf(object)))
        .where('version', '=', object.version),
    { expectedRows: 1 },
  )
}

/** Does nothing when the object has changed again. */
export function postponePendingObject(object: PendingObject, pauseMs: number): Change {
  return change(({ db, nowMs }) =>
    db
      .updateTable('search_pending')
      .set((eb) => ({ attempts: object.attempts + 1, due_at_ms: eb(nowMs, '+', eb.val(pauseMs)) }))
      .where((eb) => eb.and(keyOf(object)))
      .where('version', '=', object.version),
  )
}

export function keyOf({ catalog, namespace, name }: SearchObjectName) {
  return { catalog, namespace: joinNamespace(namespace), name: name ?? '' }
}
