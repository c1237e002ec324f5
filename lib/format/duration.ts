const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long something took or lasts, in at most two units: `'312 ms'`, `'2.5 s'`, `'3 min 20 s'`, `'1 h 34 min'`, `'6 d'`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return ms <= 0 ? '0 ms' : '< 1 ms'
  if (ms < SECOND_MS - 0.5) return `${Math.round(ms)} ms`
  if (ms < 9.95 * SECOND_MS) return `${(ms / SECOND_MS).toFixed(1)} s`
  if (ms < 59.5 * SECOND_MS) return `${Math.round(ms / SECOND_MS)} s`
  if (ms < 10 * MINUTE_MS) return formatTwoUnits(ms, MINUTE_MS, 'min', SECOND_MS, 's')
  if (ms < 59.5 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`
  if (ms < DAY_MS - 30 * SECOND_MS) return formatTwoUnits(ms, HOUR_MS, 'h', MINUTE_MS, 'min')
  return ms < 10 * DAY_MS
    ? formatTwoUnits(ms, DAY_MS, 'd', HOUR_MS, 'h')
    : `${Math.round(ms / DAY_MS).toLocaleString('en-US')} d`
}

/** A time step as written after *per*: `'minute'`, `'hour'`, `'day'`, otherwise its length: `'15 min'`. */
export function formatStep(ms: number): string {
  if (ms === MINUTE_MS) return 'minute'
  if (ms === HOUR_MS) return 'hour'
  return ms === DAY_MS ? 'day' : formatDuration(ms)
}

function formatTwoUnits(ms: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const smallUnits = Math.round(ms / smallMs)
  const perLarge = largeMs / smallMs
  const remainder = smallUnits % perLarge
  return `${Math.floor(smallUnits / perLarge)} ${large}${remainder === 0 ? '' : ` ${remainder} ${small}`}`
}
