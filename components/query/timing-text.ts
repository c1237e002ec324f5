import type { QueryResult } from '@/lib/query/engine'
import { formatDuration } from '@/lib/format/duration'

/** The parts that follow each other, which add up to the whole, and the parts of loading, which overlap. */
export function timingText({ timing }: Pick<QueryResult, 'timing'>): string {
  const parts = formatParts([
    ['start', timing.startMs],
    ['plan', timing.planMs],
    ['confirm', timing.confirmMs],
    ['load', timing.loadMs],
    ['run', timing.runMs],
  ])
  const loading = formatParts([
    ['fetch', timing.fetchMs],
    ['decode', timing.decodeMs],
    ['insert', timing.insertMs],
  ])
  const total = parts.length === 1 ? parts.join('') : `${formatDuration(timing.totalMs)} (${parts.join(', ')})`
  return loading.length === 0 ? total : `${total}; load in parallel: ${loading.join(', ')}`
}

function formatParts(parts: readonly (readonly [name: string, ms: number])[]): string[] {
  return parts.filter(([name, ms]) => ms >= 1 || name === 'run').map(([name, ms]) => `${name} ${formatDuration(ms)}`)
}
