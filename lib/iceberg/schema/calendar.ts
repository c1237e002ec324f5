/**
 * Days and timestamps of the proleptic Gregorian calendar, over the whole range of Iceberg's types (`Date` ends in the
 * year 275760, a `timestamp` in 294247, a `date` in 5.8 million).
 */

const DAYS_TO_EPOCH = 719_468 // from 0000-03-01 to 1970-01-01
const DAYS_PER_ERA = 146_097 // 400 years

/** Converts `days` since 1970-01-01 to a date; months and days count from 1. */
export function civilDate(days: number): { year: number; month: number; day: number } {
  // Years that start in March have their leap day at the end, which makes months regular.
  const daysSinceEraStart = days + DAYS_TO_EPOCH
  const era = Math.floor(daysSinceEraStart / DAYS_PER_ERA)
  const dayOfEra = daysSinceEraStart - era * DAYS_PER_ERA
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** The inverse of {@link civilDate}; a month or day beyond the last one continues into the next. */
export function daysSinceEpoch({ year, month, day }: { year: number; month: number; day: number }): number {
  const yearFromMarch = month <= 2 ? year - 1 : year
  const era = Math.floor(yearFromMarch / 400)
  const yearOfEra = yearFromMarch - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_EPOCH
}

/** `2001-06-30`; years outside 0–9999 have a sign, as in ISO 8601. */
export function isoDate(days: number): string {
  const { year, month, day } = civilDate(days)
  return `${isoYear(year)}-${twoDigits(month)}-${twoDigits(day)}`
}

export function isoYear(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, '0')
  if (year < 0) return `-${digits}`
  return year > 9999 ? `+${digits}` : digits
}

/** `22:31:08`, or with a fraction in the digits of `unitsPerSecond`: `22:31:08.000001`. */
export function isoTime(units: bigint, unitsPerSecond: bigint): string {
  const seconds = Number(units / unitsPerSecond)
  const fraction = units % unitsPerSecond
  const digits = String(unitsPerSecond).length - 1
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':')
  return fraction === 0n ? clock : `${clock}.${String(fraction).padStart(digits, '0')}`
}

/** `2017-11-16T22:31:08.000001` from units since 1970-01-01T00:00:00. */
export function isoTimestamp(units: bigint, unitsPerSecond: bigint): string {
  const unitsPerDay = unitsPerSecond * 86_400n
  const days = floorDivide(units, unitsPerDay)
  return `${isoDate(Number(days))}T${isoTime(units - days * unitsPerDay, unitsPerSecond)}`
}

export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}

export function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
