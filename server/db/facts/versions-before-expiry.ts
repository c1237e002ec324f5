import 'server-only'
import type { AuditState } from '../audit'
import type { Database } from '../database'
import { query } from '../statement'

/** More commits that removed snapshots of one table are not looked up. */
const MAX_VERSIONS = 100

/**
 * The metadata files of the versions of a table from which commits removed snapshots, by the audit, oldest first; of many
 * the newest hundred. The files may be gone.
 */
export async function readVersionsBeforeExpiry(database: Database, tableUuid: string): Promise<string[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('audit')
        .select('before')
        .where('table_uuid', '=', tableUuid)
        // Only entries of commits that removed snapshots, or put some back, have their number.
        .where('before', 'like', '%"snapshotCount":%')
        .orderBy('seq', 'desc')
        .limit(MAX_VERSIONS),
    ),
  )
  return rows
    .flatMap(({ before }) => (JSON.parse(before ?? '{}') as Partial<AuditState>).metadataLocation ?? [])
    .reverse()
}
