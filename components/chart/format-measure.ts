import { formatBytes, formatBytesTick, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatCountTick } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatRatio } from '@/lib/format/ratio'
import type { Measure } from './ticks'

/** A value for the tooltip and the table. */
export function formatValue(measure: Measure, value: number): string {
  switch (measure) {
    case 'bytes':
      return formatBytes(value)
    case 'ratio':
      return formatRatio(value)
    case 'share':
      return formatPercent(value)
    case 'count':
      return formatCount(value)
  }
}

/** A value for an axis. */
export function formatTick(measure: Measure, value: number): string {
  switch (measure) {
    case 'bytes':
      return formatBytesTick(value)
    case 'ratio':
      return value.toFixed(1)
    case 'share':
      return formatPercent(value)
    case 'count':
      return formatCountTick(value)
  }
}

/** The exact value, for a title. */
export function formatExact(measure: Measure, value: number): string {
  return measure === 'bytes' ? formatExactBytes(value) : formatValue(measure, value)
}
