const SECOND_MS = 1000n
const MINUTE_MS = 60n * SECOND_MS
const HOUR_MS = 60n * MINUTE_MS
const DAY_MS = 24n * HOUR_MS

const UNITS_MS = new Map([
  ...units(1n, 'ms', 'millisecond', 'milliseconds'),
  ...units(SECOND_MS, 's', 'sec', 'second', 'seconds'),
  ...units(MINUTE_MS, 'min', 'minute', 'minutes'),
  ...units(HOUR_MS, 'h', 'hour', 'hours'),
  ...units(DAY_MS, 'd', 'day', 'days'),
  ...units(7n * DAY_MS, 'w', 'week', 'weeks'),
])

/**
 * The exact number of milliseconds that a text means, as digits: `'300000'`, `'5 min'` and `'4 min 60 s'` → `'300000'`,
 * `'1.5 h'` → `'5400000'`.
 *
 * @returns null for any other text, and for a fraction of a millisecond
 */
export function parseDuration(text: string): string | null {
  const trimmed = text.trim()
  if (/^\d{1,19}$/.test(trimmed)) return String(BigInt(trimmed))
  if (!/^(?:\d{1,18}(?:\.\d{1,18})?\s*[a-z]+\s*)+$/i.test(trimmed)) return null
  let totalMs = 0n
  for (const [, whole = '', fraction = '', unit = ''] of trimmed.matchAll(/(\d+)(?:\.(\d+))?\s*([a-z]+)/gi)) {
    const unitMs = UNITS_MS.get(unit.toLowerCase())
    if (unitMs === undefined) return null
    const scale = 10n ** BigInt(fraction.length)
    const scaledMs = BigInt(whole + fraction) * unitMs
    if (scaledMs % scale !== 0n) return null
    totalMs += scaledMs / scale
  }
  return String(totalMs)
}

/** Milliseconds in units that people read, exactly: `'604800000'` → `'7 days'`, `'90001'` → `'1 min 30 s 1 ms'`. */
export function formatExactDuration(digits: string): string {
  let remainingMs = BigInt(digits)
  const parts: string[] = []
  for (const [name, unitMs] of [
    ['day', DAY_MS],
    ['h', HOUR_MS],
    ['min', MINUTE_MS],
    ['s', SECOND_MS],
    ['ms', 1n],
  ] as const) {
    const count = remainingMs / unitMs
    remainingMs %= unitMs
    if (count > 0n) parts.push(`${count.toLocaleString('en-US')} ${name === 'day' && count !== 1n ? 'days' : name}`)
  }
  return parts.length === 0 ? '0 ms' : parts.join(' ')
}

function units(unitMs: bigint, ...names: readonly string[]): [string, bigint][] {
  return names.map((name) => [name, unitMs])
}
