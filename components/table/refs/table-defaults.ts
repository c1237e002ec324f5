import { expirySettings } from '@/lib/changes/impact/expiry-settings'
import { formatCount } from '@/lib/format/count'
import { formatExactDuration } from '@/lib/format/exact-duration'

/** How an empty field of a retention reads, with the value that the table then uses. */
export type TableDefaults = Record<'snapshotAge' | 'minSnapshots' | 'refAge', string>

/** Without its value if a property of the table cannot be read: an expiry then fails with the reason. */
export function tableDefaults(properties: Readonly<Record<string, string>>): TableDefaults {
  const settings = expirySettings({ properties })
  if ('invalid' in settings) {
    return { snapshotAge: TABLE_DEFAULT, minSnapshots: TABLE_DEFAULT, refAge: TABLE_DEFAULT }
  }
  return {
    snapshotAge: withValue(durationText(settings.maxSnapshotAgeMs)),
    minSnapshots: withValue(formatCount(settings.minSnapshotsToKeep)),
    refAge: withValue(durationText(settings.maxRefAgeMs)),
  }
}

const TABLE_DEFAULT = 'table default'

function withValue(value: string): string {
  return `${TABLE_DEFAULT} (${value})`
}

function durationText(ms: number): string {
  if (ms === Infinity) return 'no limit'
  return Number.isSafeInteger(ms) && ms >= 0 ? formatExactDuration(String(ms)) : `${formatCount(ms)} ms`
}
