const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Binary units, always three significant figures: `1536` → `'1.50 KiB'`, `318 * 2 ** 20` → `'318 MiB'`, `12` → `'12 B'`. */
export function formatBytes(bytes: number): string {
  const [value, unit] = toUnit(bytes)
  const digits = unit === 'B' || Math.abs(value) >= 1000 ? formatGrouped(value) : value.toPrecision(3)
  return `${digits} ${unit}`.replace('-', '−')
}

/** A change: always with its sign, `'+2.31 GiB'`, `'−14.9 GiB'`; no change is `'0 B'`. */
export function formatBytesChange(bytes: number): string {
  return bytes > 0 ? `+${formatBytes(bytes)}` : formatBytes(bytes)
}

/** For an axis: no more digits than needed, `'4 TiB'`, `'1.5 GiB'`; zero has no unit. */
export function formatBytesTick(bytes: number): string {
  if (bytes === 0) return '0'
  const [value, unit] = toUnit(bytes)
  return `${Number(value.toPrecision(3))} ${unit}`.replace('-', '−')
}

/** To the byte, for a title: `'10,565,701,632 bytes'`. */
export function formatExactBytes(bytes: number): string {
  return `${formatGrouped(bytes)} ${Math.abs(Math.round(bytes)) === 1 ? 'byte' : 'bytes'}`
}

/** The value in the largest unit that keeps the printed number under 1,000, and never above it by more than 1,023 B. */
function toUnit(bytes: number): [value: number, unit: (typeof UNITS)[number]] {
  let value = bytes
  let power = 0
  while (
    power < UNITS.length - 1 &&
    Math.abs(Number(value.toPrecision(3))) >= 1000 &&
    (power > 0 || Math.abs(value) >= 1024)
  ) {
    value /= 1024
    power += 1
  }
  return [value, UNITS[power] ?? 'B']
}

function formatGrouped(value: number): string {
  return Math.round(value).toLocaleString('en-US').replace('-', '−')
}
