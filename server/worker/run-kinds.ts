import 'server-only'
import { INGEST } from '@/server/ingest/ingest-spec'
import { ingestRuns } from '@/server/ingest/ingest-run'
import { runStageInChild } from '@/server/ingest/run-child'
import type { RunKind } from '@/server/jobs/run-kind'

/** Everything a worker can do, by the kind that runs are queued under. */
export const RUN_KINDS: Readonly<Record<string, RunKind>> = { [INGEST]: ingestRuns(runStageInChild) }
