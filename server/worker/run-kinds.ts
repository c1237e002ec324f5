import 'server-only'
import { INGEST } from '@/server/ingest/ingest-spec'
import { ingestRuns } from '@/server/ingest/ingest-run'
import { runStageInChild } from '@/server/ingest/run-child'
import type { RunKind } from '@/server/jobs/run-kind'
import { PURGE_TABLE, purgeRuns } from '@/server/maintenance/purge-table'
import { TIDY_WAREHOUSE, tidyWarehouseRuns } from '@/server/maintenance/tidy-warehouse'
import { TIDY_RUNS, tidyRuns } from '@/server/jobs/tidy-runs'

/** Everything a worker can do, by the kind that runs are queued under. */
export const RUN_KINDS: Readonly<Record<string, RunKind>> = {
  [INGEST]: ingestRuns(runStageInChild),
  [TIDY_RUNS]: tidyRuns,
  [PURGE_TABLE]: purgeRuns,
  [TIDY_WAREHOUSE]: tidyWarehouseRuns,
}
