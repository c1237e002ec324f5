import 'server-only'
import { CHECK_HISTORY, checkHistoryRuns } from '@/server/facts/check/check-history'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { saveResultRuns } from '@/server/ingest/saved-results/save-result-run'
import { COMPRESSION_TRIAL } from '@/server/metrics/columns/trial/queued-trials'
import { trialRuns } from '@/server/metrics/columns/trial/trial-run'
import { changeTablesRuns } from '@/server/changes/bulk/bulk-run'
import { createReadFetch } from '@/server/endpoints/query-reads'
import { CHANGE_TABLES } from '@/server/jobs/bulk-run-spec'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import type { RunKinds } from '@/server/jobs/run-kind'
import { cloneTableRuns } from '@/server/lifecycle/clone/clone-run'
import { CLONE_TABLE } from '@/server/lifecycle/clone/clone-task'
import { countExpiryRuns } from '@/server/maintenance/expiry/count-expiry'
import { removeExpiredFilesRuns } from '@/server/maintenance/expiry/remove-expired-files'
import { deleteRowsRuns } from '@/server/maintenance/delete-rows/delete-rows-run'
import { DELETE_ROWS } from '@/server/maintenance/delete-rows/delete-rows-task'
import { PURGE_TABLE, purgeTableRuns } from '@/server/maintenance/purge-table'
import { rewriteFilesRuns } from '@/server/maintenance/rewrite-files/rewrite-run'
import { REWRITE_FILES } from '@/server/maintenance/rewrite-files/rewrite-task'
import { TIDY_WAREHOUSE, tidyWarehouseRuns } from '@/server/maintenance/tidy-warehouse'
import { TIDY_RUNS, tidyRuns } from '@/server/jobs/tidy-runs'
import { crawlLakeRuns, crawlRuns } from '@/server/search/crawl-catalog'
import { INDEX_CATALOG, INDEX_LAKE } from '@/server/search/crawl-queue'
import type { Services } from '@/server/services'
import { COUNT_EXPIRY } from '@/server/table/expiry/queued-counts'
import { REMOVE_EXPIRED_FILES } from '@/server/table/expiry/queued-removals'
import { checkRuns } from '@/server/table/checks/check-run'
import { CHECK_TABLE } from '@/server/table/checks/queued-checks'

/** Everything that a worker can do: a kind that is not described, or is described only, does not compile. */
export function runKinds(services: Services): RunKinds {
  return {
    [INGEST]: ingestRuns(services, services.runStage),
    [SAVE_RESULT]: saveResultRuns(services, { readFetch: createReadFetch(services), runStage: services.runStage }),
    [COMPRESSION_TRIAL]: trialRuns(services),
    [CHANGE_TABLES]: changeTablesRuns(services),
    [CHECK_TABLE]: checkRuns(services, createReadFetch(services)),
    [INDEX_CATALOG]: crawlRuns(services),
    [INDEX_LAKE]: crawlLakeRuns(services),
    [TIDY_RUNS]: tidyRuns(services),
    [CHECK_HISTORY]: checkHistoryRuns(services),
    [REWRITE_FILES]: rewriteFilesRuns(services),
    [DELETE_ROWS]: deleteRowsRuns(services),
    [CLONE_TABLE]: cloneTableRuns(services),
    [PURGE_TABLE]: purgeTableRuns(services.catalogs),
    [COUNT_EXPIRY]: countExpiryRuns(services),
    [REMOVE_EXPIRED_FILES]: removeExpiredFilesRuns(services),
    [TIDY_WAREHOUSE]: tidyWarehouseRuns(services.config),
  }
}
