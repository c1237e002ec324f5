import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { TableMetadata } from '../../../iceberg/metadata/table-metadata'
import { propertyValue } from '../../../iceberg/properties/property-value'
import { GC_ENABLED_PROPERTY, isGcEnabled } from '../../../iceberg/properties/gc-enabled'
import type { IntentChange } from '../intent-change'
import { requireOtherThanMain } from '@/lib/changes/edits/ref-edits'
import type { TableDraft } from '@/lib/changes/edits/table-draft'
import type { ExpireSnapshots } from './describe'

export const expireSnapshots = {
  compare: (metadata, intent) => {
    const difference = findRefDifference(metadata, intent) ?? findMissingSnapshot(metadata, intent)
    const requested = `without ${formatQuantity(intent.snapshotIds.length, 'snapshot')}`
    return { ...(difference ?? { base: null, current: null }), requested }
  },
  // The set of expired snapshots depends on every ref, so it has to be decided again.
  rebase: () => null,
  apply: (draft, { snapshotIds, refNames }) => {
    requireGc(draft)
    for (const refName of refNames) {
      requireOtherThanMain(refName, 'removed')
      draft.refs.delete(refName)
    }
    // Every ref has to be where it was when this was decided: a commit must not take a snapshot that was just named.
    for (const [name, ref] of Object.entries(draft.base.refs)) draft.seenRefs.set(name, ref.snapshotId)
    const named = new Map([...draft.refs].map(([name, ref]) => [ref.snapshotId, name]))
    for (const snapshotId of snapshotIds) {
      const refName = named.get(snapshotId)
      if (refName !== undefined) {
        throw new AppError('invalid-request', `Snapshot ${snapshotId} cannot expire while ${refName} names it.`, {
          facts: { snapshotId, refName },
        })
      }
      draft.removedSnapshotIds.add(snapshotId)
    }
  },
  warnings: (_draft, { removeFilesAfterMs }) =>
    removeFilesAfterMs === null
      ? ['The files of these snapshots stay where they are, and the table no longer names them.']
      : [],
  // Its undo is not a commit of updates: the catalog puts the metadata from before back.
  reverse: () => null,
} satisfies IntentChange<ExpireSnapshots>

/** @throws {AppError} not-supported */
export function requireGc({ properties }: Pick<TableDraft, 'properties'>): void {
  if (isGcEnabled(Object.fromEntries(properties))) return
  throw new AppError(
    'not-supported',
    `Snapshots of this table cannot expire while ${GC_ENABLED_PROPERTY} is false: other tables may use its files.`,
    { facts: { property: GC_ENABLED_PROPERTY } },
  )
}

type Difference = { base: string; current: string }

/** The first ref that is not where the person saw it. */
function findRefDifference({ refs }: TableMetadata, intent: ExpireSnapshots): Difference | null {
  const seen = new Map(intent.refs.map(({ name, snapshotId }) => [name, snapshotId]))
  for (const name of new Set([...seen.keys(), ...Object.keys(refs)])) {
    const [base, now] = [seen.get(name) ?? null, propertyValue(refs, name)?.snapshotId ?? null]
    if (base !== now) return { base: tipLabel(name, base), current: tipLabel(name, now) }
  }
  return null
}

function tipLabel(name: string, snapshotId: string | null): string {
  return snapshotId === null ? `no ${name}` : `${name} at snapshot ${snapshotId}`
}

/** The first snapshot that another expiry has removed. */
function findMissingSnapshot({ snapshots }: TableMetadata, { snapshotIds }: ExpireSnapshots): Difference | null {
  const known = new Set(snapshots.map(({ snapshotId }) => snapshotId))
  const missing = snapshotIds.find((snapshotId) => !known.has(snapshotId))
  return missing === undefined ? null : { base: `with snapshot ${missing}`, current: `without snapshot ${missing}` }
}
