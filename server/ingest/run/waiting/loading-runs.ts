import 'server-only'
import type { Database } from '@/server/db/database'
import { listRuns } from '@/server/db/jobs/runs'
import { INGEST, parseIngestSpec } from '../ingest-spec'

/** Far more than a lake has at a time. */
const MAX_OPEN_LOADS = 200

/** The loads that are queued or in progress, by the ids of their uploads, which they remove at their end. */
export async function findLoadingRuns(database: Database): Promise<ReadonlyMap<string, string>> {
  const runs = await listRuns(database, { kind: INGEST, states: ['queued', 'running'], limit: MAX_OPEN_LOADS })
  return new Map(
    runs.flatMap(({ id, spec }) =>
      parseIngestSpec(spec).input.flatMap((source) => ('uploadId' in source ? [[source.uploadId, id] as const] : [])),
    ),
  )
}
