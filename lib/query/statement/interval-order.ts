const DAYS_PER_MONTH = 30n
const MICROS_PER_SECOND = 1_000_000n
const MICROS_PER_DAY = 86_400n * MICROS_PER_SECOND

/** Larger than any remainder of the smaller unit, of either sign. */
const DAYS_PER_KEY = 1n << 8n
const MICROS_PER_KEY = 1n << 40n

const INTERVAL =
  /^(?:(-?\d+) years? ?)?(?:(-?\d+) months? ?)?(?:(-?\d+) days? ?)?(?:(-)?(\d+):(\d{2}):(\d{2})(?:\.(\d{1,6}))?)?$/

/**
 * A number that orders intervals as DuckDB does, exactly: by months of 30 days, then by the days and then by the
 * microseconds that remain.
 *
 * @param text as DuckDB writes an interval: `1 year 2 months 3 days 04:05:06.789`
 * @returns null for a text of another form
 */
export function intervalOrder(text: string): bigint | null {
  const match = INTERVAL.exec(text)
  if (match === null || text === '') return null
  const [, years = '0', months = '0', days = '0', sign = '', hours = '0', minutes = '0', seconds = '0', fraction = ''] =
    match
  const wholeSeconds = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  const unsignedMicros = wholeSeconds * MICROS_PER_SECOND + BigInt(fraction.padEnd(6, '0'))
  const micros = sign === '-' ? -unsignedMicros : unsignedMicros
  const dayCount = BigInt(days) + micros / MICROS_PER_DAY
  const monthCount = BigInt(years) * 12n + BigInt(months) + dayCount / DAYS_PER_MONTH
  return (monthCount * DAYS_PER_KEY + (dayCount % DAYS_PER_MONTH)) * MICROS_PER_KEY + (micros % MICROS_PER_DAY)
}
