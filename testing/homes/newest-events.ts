import type { LakeEvent } from '@/lib/contract/home'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Database } from '@/server/db/database'
import { toLakeCommits } from '@/server/metrics/lake/lake-commits'
import { readNewestEvents } from '@/server/metrics/lake/newest-events'

/** The newest events of the home page of a lake with these tables. */
export async function listNewestEvents(
  database: Database,
  actor: Actor,
  tables: readonly LoadedTable[],
  limit: number,
): Promise<LakeEvent[]> {
  const commits = tables.flatMap((table) => toLakeCommits(table))
  const { events } = await readNewestEvents(database, actor, { tables, commits }, limit)
  return events
}
