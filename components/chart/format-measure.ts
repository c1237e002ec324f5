import { formatBytes, formatBytesTick, formatExactBytes } from '@/lib/format/bytes'
import { formatCount, formatCountTick } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import type { Measure } from './ticks'

/** A value for the tooltip and the table. */
export function formatValue(measure: Measure, value: number): string {
  return measure === 'bytes' ? formatBytes(value) : measure === 'ratio' ? formatRatio(value) : formatCount(value)
}

/** A value for an axis. */
export function formatTick(measure: Measure, value: number): string {
  return measure === 'bytes' ? formatBytesTick(value) : measure === 'ratio' ? value.toFixed(1) : formatCountTick(value)
}

/** The exact value, for a title. */
export function formatExact(measure: Measure, value: number): string {
  return measure === 'bytes' ? formatExactBytes(value) : formatValue(measure, value)
}
