/** A share (0–1) as percent to one place: `0.085` → `'8.5%'`. What is not nothing never reads as nothing: `'< 0.1%'`. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.0005) return '< 0.1%'
  return `${(share * 100).toFixed(1).replace('-', '−')}%`
}
