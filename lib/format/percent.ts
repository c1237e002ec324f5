import { formatCount } from './count'

/** A share (0–1) as percent to one decimal place: `0.085` → `'8.5%'`. Only zero reads as zero: `'< 0.1%'`. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.0005) return '< 0.1%'
  return `${(share * 100).toFixed(1).replace('-', '−')}%`
}

/** Larger changes are whole percents. */
const MIN_WHOLE_SHARE = 10

/** A change as a share of what it began with: always with its sign, `'+18.5%'`, `'−4.0%'`, `'+1,133%'`; none is `'±0%'`. */
export function formatPercentChange(share: number): string {
  if (share === 0) return '±0%'
  if (share >= MIN_WHOLE_SHARE) return `+${formatCount(Math.round(share * 100))}%`
  if (Math.abs(share) < 0.0005) return share > 0 ? '< +0.1%' : '> −0.1%'
  return share > 0 ? `+${formatPercent(share)}` : formatPercent(share)
}
