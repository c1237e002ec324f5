import type { IntentWords } from '../intent-kind'
import type { RefRetention } from '@/lib/iceberg/edits/ref-edits'

export type SetRefRetention = {
  kind: 'set-ref-retention'
  refName: string
  retention: RefRetention
  base: RefRetention
}

export const setRefRetentionWords: IntentWords<SetRefRetention> = {
  area: 'snapshots',
  target: ({ refName }) => `retention ${refName}`,
  sign: () => '~',
  words: ({ refName, retention, base }) => [
    'Keep',
    { name: refName },
    retentionLabel(retention),
    `(was ${retentionLabel(base)})`,
  ],
}

const DAY_MS = 86_400_000

/** `for 7 days, with at least 10 snapshots`, or that the table's properties say. */
export function retentionLabel({ minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs }: RefRetention): string {
  const parts = [
    ...(maxRefAgeMs === null ? [] : [`for ${durationLabel(maxRefAgeMs)}`]),
    ...(minSnapshotsToKeep === null ? [] : [`with at least ${minSnapshotsToKeep} snapshots`]),
    ...(maxSnapshotAgeMs === null ? [] : [`with snapshots of ${durationLabel(maxSnapshotAgeMs)}`]),
  ]
  return parts.length === 0 ? 'as the table’s settings say' : parts.join(', ')
}

function durationLabel(durationMs: number): string {
  if (durationMs % DAY_MS !== 0) return `${durationMs} ms`
  return durationMs === DAY_MS ? '1 day' : `${durationMs / DAY_MS} days`
}
