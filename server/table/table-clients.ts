import 'server-only'
import { MAX_TABLE_CLIENTS, type TableClient, type TableClients } from '@/lib/contract/table/clients'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import {
  CLIENT_RETENTION_DAYS,
  dayStartMs,
  firstRecordedDay,
  type LatestUse,
  readClientUses,
  toUtcDay,
} from '@/server/db/catalog/table-clients'
import type { Database } from '@/server/db/database'
import { toClientName } from './client-names'
import { snapshotLibrary, snapshotWriter } from './summary-counts'

/** Each client has a row for reads and one for writes. */
const MAX_USES = 2 * MAX_TABLE_CLIENTS

/**
 * The clients of a table in the last 90 days, the latest first: those that its catalog recorded, and the engines that
 * its snapshots name.
 *
 * @param isRecorded whether the table is in our own catalog
 */
export async function readTableClients(
  database: Database,
  { tableUuid, snapshots }: Pick<TableMetadata, 'tableUuid' | 'snapshots'>,
  { isRecorded }: { isRecorded: boolean },
): Promise<TableClients> {
  const today = toUtcDay(database.nowMs())
  const sinceDay = today - CLIENT_RETENTION_DAYS + 1
  const recorded = isRecorded ? await readClientUses(database, tableUuid, { sinceDay, limit: MAX_USES }) : null
  const clients = new Map<string, { client: LatestUse['client']; read: number | null; write: number | null }>()
  for (const { client, access, day } of [...(recorded?.uses ?? []), ...toWrites(snapshots)]) {
    if (day < sinceDay) continue
    const key = JSON.stringify([client.name, client.version, client.library])
    const known = clients.get(key) ?? { client, read: null, write: null }
    // A clock of a writer may be ahead.
    clients.set(key, { ...known, [access]: Math.max(known[access] ?? 0, Math.min(day, today)) })
  }
  const listed = [...clients.values()].sort((a, b) => latestDay(b) - latestDay(a))
  return {
    clients: listed.slice(0, MAX_TABLE_CLIENTS).map(toTableClient),
    isTruncated: recorded?.isTruncated === true || listed.length > MAX_TABLE_CLIENTS,
    recordedSince: isRecorded ? toDate(Math.max(await firstRecordedDay(database), sinceDay)) : null,
  }
}

/** The engines that snapshots name. Lakeshore's own commits are not those of a client. */
function toWrites(snapshots: TableMetadata['snapshots']): LatestUse[] {
  return snapshots.flatMap((snapshot) => {
    const engine = snapshotWriter(snapshot)
    if (engine === null) return []
    const client = toClientName(snapshotLibrary(snapshot), engine)
    if (client.name === LAKESHORE) return []
    return [{ client, access: 'write' as const, day: toUtcDay(snapshot.timestampMs) }]
  })
}

const LAKESHORE = 'Lakeshore'

function latestDay({ read, write }: { read: number | null; write: number | null }): number {
  return Math.max(read ?? 0, write ?? 0)
}

function toTableClient({
  client,
  read,
  write,
}: {
  client: LatestUse['client']
  read: number | null
  write: number | null
}): TableClient {
  return {
    ...client,
    lastReadOn: read === null ? null : toDate(read),
    lastWrittenOn: write === null ? null : toDate(write),
  }
}

function toDate(day: number): string {
  return new Date(dayStartMs(day)).toISOString().slice(0, 10)
}
