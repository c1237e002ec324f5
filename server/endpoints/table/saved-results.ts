import 'server-only'
import type { z } from 'zod'
import { repeatResult, restartSavedResult, saveResult } from '@/lib/contract/loads/saved-results'
import { APPEND_TO_MAIN } from '@/lib/ingest/load-landing'
import { toRejectLimit } from '@/lib/ingest/reject-limit'
import { repeatResult as startRepeating } from '@/server/changes/actions/loads/repeat-result'
import { saveResult as startSaving } from '@/server/changes/actions/loads/save-result'
import { SCHEDULED_KINDS } from '@/server/changes/scheduled-kinds'
import { serve } from '@/server/http/serve'
import type { SaveResultSpec } from '@/server/ingest/saved-results/save-result-spec'
import { startAgain } from '@/server/ingest/saved-results/start-again'
import { buildWireRun } from '@/server/jobs/run-view'
import { buildWireSchedule } from '@/server/jobs/schedule-view'
import type { Services } from '@/server/services'

export function savedResultEndpoints(services: Services) {
  const { database } = services
  const kinds = SCHEDULED_KINDS
  return [
    serve(services, saveResult, async (input, context) => {
      const { confirmedName, idempotencyKey, catalog, namespace, table } = input
      const request = { ...context, idempotencyKey, confirmedName }
      const { run } = await startSaving(services, { catalog, namespace, table }, toSpec(input), request)
      return { run: await buildWireRun(database, run, context.actor) }
    }),
    serve(services, repeatResult, async (input, context) => {
      const { name, startsBy, cron, timeZone, watchedTables, incremental = [], confirmedName, idempotencyKey } = input
      const { catalog, namespace, table } = input
      const repeat = {
        name,
        result: { ...toSpec(input), incremental },
        start: { startsBy, cron, timeZone, watchedTables },
      }
      const request = { ...context, idempotencyKey, confirmedName }
      const { schedule } = await startRepeating(services, { catalog, namespace, table }, repeat, request)
      return { schedule: await buildWireSchedule({ database, kinds, actor: context.actor }, schedule) }
    }),
    serve(services, restartSavedResult, async ({ schedule: id, ...restart }, context) => {
      const schedule = await startAgain({ ...services, scheduledKinds: kinds }, id, restart, context)
      return { schedule: await buildWireSchedule({ database, kinds, actor: context.actor }, schedule) }
    }),
  ]
}

function toSpec({
  query,
  landing = APPEND_TO_MAIN,
  create,
  maxRejectedRows,
  maxRejectedShare,
}: z.output<typeof saveResult.input>): SaveResultSpec {
  return {
    query,
    landing,
    create: create
      ? {
          schema: create.schema,
          partitionBy: create.partitionBy,
          properties: { 'format-version': String(create.formatVersion) },
        }
      : null,
    ...toRejectLimit({ rows: maxRejectedRows, share: maxRejectedShare }),
  }
}
