import { formatBytes, formatBytesTick, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatCountTick } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import type { Measure } from './ticks'

/** A value as the tooltip and the table print it. */
export function formatValue(measure: Measure, value: number): string {
  return measure === 'bytes' ? formatBytes(value) : measure === 'ratio' ? formatRatio(value) : formatCount(value)
}

/** A value on an axis. */
export function formatTick(measure: Measure, value: number): string {
  return measure === 'bytes' ? formatBytesTick(value) : measure === 'ratio' ? value.toFixed(1) : formatCountTick(value)
}

/** To the last digit, for a title. */
export function formatExact(measure: Measure, value: number): string {
  return measure === 'bytes' ? formatExactBytes(value) : formatValue(measure, value)
}
