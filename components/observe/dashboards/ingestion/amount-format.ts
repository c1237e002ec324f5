import type { Measure } from '@/components/chart/ticks'
import type { IngestionMeasure } from '@/lib/contract/dashboards'
import { formatBytes, formatBytesChange, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatCountChange } from '@/lib/format/count'

/** How amounts of a measure are written. */
export type AmountFormat = {
  noun: string
  measure: Measure
  toText: (amount: number) => string
  toChange: (amount: number) => string
  /** To the digit, for a title. */
  toExact: (amount: number) => string
}

export function amountFormat(measure: IngestionMeasure): AmountFormat {
  if (measure === 'bytes')
    return {
      noun: 'Bytes',
      measure: 'bytes',
      toText: formatBytes,
      toChange: formatBytesChange,
      toExact: formatExactBytes,
    }
  const noun = { rows: 'Rows', files: 'Files', commits: 'Commits' }[measure]
  return { noun, measure: 'count', toText: formatCount, toChange: formatCountChange, toExact: formatCount }
}
