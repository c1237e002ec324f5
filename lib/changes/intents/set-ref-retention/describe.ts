import type { IntentDescription } from '../intent-description'
import type { RefRetention } from '@/lib/changes/edits/ref-edits'

export type SetRefRetention = {
  kind: 'set-ref-retention'
  refName: string
  retention: RefRetention
  base: RefRetention
}

export const setRefRetentionDescription: IntentDescription<SetRefRetention> = {
  area: 'snapshots',
  target: ({ refName }) => `retention ${refName}`,
  sign: () => '~',
  describe: ({ refName, retention, base }) => [
    'Keep',
    { name: refName },
    retentionLabel(retention),
    `(was ${retentionLabel(base)})`,
  ],
  effects: () => 'Nothing expires now; the next expiry obeys it.',
}

/** Units of an age: the longest one that divides it is used. */
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** `for 7 days, with at least 10 snapshots`, or that the table's properties say. */
export function retentionLabel({ minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs }: RefRetention): string {
  const parts = [
    ...(maxRefAgeMs === null ? [] : [`for ${durationLabel(maxRefAgeMs)}`]),
    ...(minSnapshotsToKeep === null ? [] : [`with at least ${minSnapshotsToKeep} snapshots`]),
    ...(maxSnapshotAgeMs === null ? [] : [`with snapshots of ${durationLabel(maxSnapshotAgeMs)}`]),
  ]
  return parts.length === 0 ? 'by table default' : parts.join(', ')
}

/** An age in the longest unit that divides it: `30 days`. */
export function durationLabel(durationMs: number): string {
  const [unit, unitMs] = UNITS.find(([, ms]) => durationMs % ms === 0) ?? ['ms', 1]
  const count = durationMs / unitMs
  return unit === 'ms' || count === 1 ? `${count} ${unit}` : `${count} ${unit}s`
}
