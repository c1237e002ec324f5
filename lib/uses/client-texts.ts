import type { TableClient, TableClients } from '@/lib/contract/table/clients'
import { formatDate } from '@/lib/format/time'

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

/** `wrote 3 days ago, read today`. */
export function describeAccess({ lastReadOn, lastWrittenOn }: TableClient, nowMs: number): string {
  return [
    ...(lastWrittenOn === null ? [] : [`wrote ${describeDay(lastWrittenOn, nowMs)}`]),
    ...(lastReadOn === null ? [] : [`read ${describeDay(lastReadOn, nowMs)}`]),
  ].join(', ')
}

/** Days are days in UTC, so another word than for times: it may be another day where the user is. */
function describeDay(day: string, nowMs: number): string {
  const days = Math.floor(nowMs / DAY_MS) - Date.parse(day) / DAY_MS
  if (days <= 0) return 'today'
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
    `Clients are recorded since ${formatDate(Date.parse(recordedSince), 'UTC')}, by days in UTC. Programs that read the files without the catalog are not known.`,
  ].join(' ')
}
