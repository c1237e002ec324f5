import type { ChartMark } from '@/components/chart/event-marks'
import type { GrowthEvent } from '@/lib/contract/facts/growth'

const WORDS: Readonly<Record<GrowthEvent['kind'], string>> = {
  schema: 'schema',
  'partition-spec': 'spec',
  'sort-order': 'order',
  rollback: 'rolled back',
  replaced: 'replaced',
  restored: 'restored',
  renamed: 'renamed',
}

/** The words of events as a chart has them. @param events oldest first */
export function growthMarks(events: readonly GrowthEvent[]): ChartMark[] {
  return events.map(({ atMs, kind, toId }) => ({ atMs, text: toId === null ? WORDS[kind] : `${WORDS[kind]} ${toId}` }))
}
