const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** Thousands by comma and a real minus: `3000000` → `'3,000,000'`, `-5` → `'−5'`. Never rounds a whole number. */
export function formatCount(value: number | bigint): string {
  return GROUPED.format(value).replace('-', '−')
}

/** The median of counts, which may be between two of them: `'136.5'`. */
export function formatMedian(value: number): string {
  return value % 1 === 0.5 ? `${formatCount(Math.floor(value))}.5` : formatCount(value)
}

/** A change: always with its sign, `'+41,208'`, `'−1,204'`; no change is `'0'`. */
export function formatCountChange(value: number | bigint): string {
  return value > 0 ? `+${formatCount(value)}` : formatCount(value)
}

/** For an axis: `60000` → `'60k'`, `1.2e6` → `'1.2M'`, `3e9` → `'3bn'`; at most three significant figures. */
export function formatCountTick(value: number): string {
  const magnitude = Math.abs(value)
  const [divisor, unit] =
    magnitude >= 1e9 ? [1e9, 'bn'] : magnitude >= 1e6 ? [1e6, 'M'] : magnitude >= 1e3 ? [1e3, 'k'] : [1, '']
  return `${Number((value / divisor).toPrecision(3))}${unit}`.replace('-', '−')
}

/** A list without gaps: `All 17 files`, and `1 file` for a single one. */
export function formatAll(value: number, noun: string): string {
  return value === 1 ? formatQuantity(value, noun) : `All ${formatQuantity(value, noun)}`
}

/** `counted(1, 'table')` → `'1 table'`, `counted(17, 'table')` → `'17 tables'`. */
export function formatQuantity(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(value)} ${value === 1 ? noun : plural}`
}
