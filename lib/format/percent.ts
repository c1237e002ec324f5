/** A share (0–1) as percent to one decimal place: `0.085` → `'8.5%'`. Only zero reads as zero: `'< 0.1%'`. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.0005) return '< 0.1%'
  return `${(share * 100).toFixed(1).replace('-', '−')}%`
}
