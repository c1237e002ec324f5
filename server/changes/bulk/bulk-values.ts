import 'server-only'
import { bulkSettings } from '@/lib/changes/intents/bulk-change'
import type { PropertyIntent } from '@/lib/changes/intents/property-intent'
import type { BulkValues } from '@/lib/contract/bulk-changes'
import { MAX_BULK_VALUES } from '@/lib/contract/shapes/bulk-limits'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { readBulkIntents } from '@/server/db/jobs/bulk-changes'
import { readVisibleNames, requireBulkChange } from './read-bulk-change'

/** The values that the properties of a change had, in the tables that the actor may read and a preview has read. */
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
  return bulkSettings(change.changes).flatMap((setting) =>
    'tag' in setting
      ? []
      : [
          {
            key: setting.key,
            after: setting.kind === 'set-property' ? setting.value : null,
            ...countValues(
              previewed.filter(({ key }) => key === setting.key),
              previewedCount,
            ),
          },
        ],
  )
}

function countValues(intents: readonly PropertyIntent[], previewedCount: number) {
  const counts = new Map<string | null, number>()
  for (const { base } of intents) counts.set(base, (counts.get(base) ?? 0) + 1)
  const all = [...counts].map(([value, tableCount]) => ({ value, tableCount }))
  const before = all.toSorted((a, b) => b.tableCount - a.tableCount).slice(0, MAX_BULK_VALUES)
  const shownCount = before.reduce((sum, { tableCount }) => sum + tableCount, 0)
  return { before, otherCount: intents.length - shownCount, unchangedCount: previewedCount - intents.length }
}
