import { formatPercentChange } from '@/lib/format/percent'

/** How an amount differs from that of the period before: `'+18.5%'`. */
export function changeText(now: number, before: number): string {
  if (before === 0) return 'none before'
  return `${formatPercentChange((now - before) / Math.abs(before))} against before`
}
