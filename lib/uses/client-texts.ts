import type { TableClient, TableClients } from '@/lib/contract/table/clients'
import { formatDate, formatDay, startOfDay } from '@/lib/format/time'

const DAY_MS = 24 * 60 * 60_000
/** The days of clients that reviews name. */
export const RECENT_DAYS = 30

/** `Spark 4.0.1 with Apache Iceberg 1.10.0`. */
export function clientLabel({ name, version, library }: Pick<TableClient, 'name' | 'version' | 'library'>): string {
  if (name === null) return 'a client without a name'
  const label = version === null ? name : `${name} ${version}`
  if (name === 'Apache Iceberg') return `${label} (engine not known)`
  return library === null ? label : `${label} with ${library}`
}

/**
 * `wrote 25 Nov (UTC), read today`.
 *
 * @param timeZone of the reader; null if it is not known
 */
export function describeAccess(
  { lastReadOn, lastWrittenOn }: TableClient,
  nowMs: number,
  timeZone: string | null,
): string {
  return [
    ...(lastWrittenOn === null ? [] : [`wrote ${describeDay(lastWrittenOn, nowMs, timeZone)}`]),
    ...(lastReadOn === null ? [] : [`read ${describeDay(lastReadOn, nowMs, timeZone)}`]),
  ].join(', ')
}

/** Days are recorded in UTC. One that was partly another day where the reader is has no word such as `yesterday`. */
function describeDay(day: string, nowMs: number, timeZone: string | null): string {
  const firstMs = Date.parse(day)
  const lastMs = Math.max(firstMs, Math.min(firstMs + DAY_MS - 1, nowMs))
  const utcDate = `${formatDay(firstMs, 'UTC')} (UTC)`
  if (timeZone === null) return utcDate
  const startMs = startOfDay(firstMs, timeZone)
  // Rounded: a day is an hour longer or shorter when clocks change.
  const days = Math.round((startOfDay(nowMs, timeZone) - startMs) / DAY_MS)
  if (startOfDay(lastMs, timeZone) !== startMs || days < 0) return utcDate
  if (days === 0) return 'today'
  return days === 1 ? 'yesterday' : `${days} days ago`
}

/** Clients of the last 30 days. */
export function recentClients({ clients }: TableClients, nowMs: number): TableClient[] {
  const first = new Date(nowMs - (RECENT_DAYS - 1) * DAY_MS).toISOString().slice(0, 10)
  return clients.filter(({ lastReadOn, lastWrittenOn }) =>
    [lastReadOn, lastWrittenOn].some((day) => (day ?? '') >= first),
  )
}

/** Sentences about the clients that are not known. */
export function clientLimits({ recordedSince, isTruncated }: TableClients): string {
  if (recordedSince === null)
    return 'Which clients read the table is not known, because its catalog does not say. Writers are the engines that its snapshots name.'
  return [
    ...(isTruncated ? ['There were more clients than Lakeshore records.'] : []),
    `Clients have been recorded since ${formatDate(Date.parse(recordedSince), 'UTC')}, by UTC day. Programs that read the files without the catalog are not known.`,
  ].join(' ')
}
