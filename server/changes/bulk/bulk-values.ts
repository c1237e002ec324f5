import 'server-only'
import { type BulkIntent, bulkChangeTarget, bulkIntentValues } from '@/lib/changes/intents/bulk-change'
import type { BulkValues } from '@/lib/contract/bulk-changes'
import { MAX_BULK_VALUES } from '@/lib/contract/shapes/bulk-limits'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { readBulkIntents } from '@/server/db/jobs/bulk-changes'
import { readVisibleNames, requireBulkChange } from './read-bulk-change'

/** The values that the properties of a change, or the roles of a holder, had, in the tables that the actor may read and a preview has read. */
export async function readBulkValues(
  database: Database,
  on: { catalog: string; bulkChangeId: string },
  actor: Actor,
): Promise<BulkValues[]> {
  const change = await requireBulkChange(database, on, actor)
  const names = await readVisibleNames(database, change, actor)
  const intents = await readBulkIntents(database, on.bulkChangeId)
  // A table that failed may not have been read.
  const previewed = names.flatMap(({ position, state }) => (state === 'failed' ? [] : (intents.get(position) ?? [])))
  const previewedCount = names.filter(({ position, state }) => state !== 'failed' && intents.has(position)).length
  const countsOf = (target: string) =>
    countValues(
      previewed.filter((intent) => bulkIntentValues(intent).key === target),
      previewedCount,
    )
  return change.changes.flatMap((one): BulkValues[] => {
    if (one.kind === 'set-property') return [{ key: one.key, after: one.value, ...countsOf(one.key) }]
    if (one.kind === 'remove-property') return [{ key: one.key, after: null, ...countsOf(one.key) }]
    if (one.kind !== 'grant') return []
    const key = bulkChangeTarget(one)
    return [{ key, after: one.role, ...countsOf(key) }]
  })
}

function countValues(intents: readonly BulkIntent[], previewedCount: number) {
  const counts = new Map<string | null, number>()
  for (const { base } of intents) counts.set(base, (counts.get(base) ?? 0) + 1)
  const all = [...counts].map(([value, tableCount]) => ({ value, tableCount }))
  const before = all.toSorted((a, b) => b.tableCount - a.tableCount).slice(0, MAX_BULK_VALUES)
  const shownCount = before.reduce((sum, { tableCount }) => sum + tableCount, 0)
  return { before, otherCount: intents.length - shownCount, unchangedCount: previewedCount - intents.length }
}
