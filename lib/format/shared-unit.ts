/** One unit for bytes that are compared or added up by eye, with one decimal. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
/** Smaller figures would lose most of their digits. */
const MIN_VALUE = 10

export type SharedUnit = { name: (typeof UNITS)[number]; bytes: number }

/** The largest unit of which this is at least ten. */
export function sharedUnit(bytes: number): SharedUnit {
  let power = 0
  while (power < UNITS.length - 1 && bytes / 1024 ** (power + 1) >= MIN_VALUE) power += 1
  return { name: UNITS[power] ?? 'B', bytes: 1024 ** power }
}

/** Without the unit: `'3,541.3'`. Only nothing reads as zero: `'< 0.1'`. */
export function formatInUnit(bytes: number, unit: SharedUnit): string {
  const value = bytes / unit.bytes
  if (value > 0 && value < 0.05) return '< 0.1'
  const digits = unit.bytes === 1 ? 0 : 1
  return value
    .toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .replace('-', '−')
}

/** A change, with its sign: `'+508.8'`, `'−4.9'`; no change is `'±0'`. */
export function formatChangeInUnit(bytes: number, unit: SharedUnit): string {
  if (bytes === 0) return '±0'
  if (bytes < 0) return `−${formatInUnit(-bytes, unit)}`
  return `+${formatInUnit(bytes, unit)}`
}
