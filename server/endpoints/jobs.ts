import 'server-only'
import {
  cancelRun,
  getRun,
  listNextTimes,
  listRuns,
  listSchedules,
  removeSchedule,
  retryRun,
  runSchedule,
  runsChangedEvent,
  setSchedule,
  SHOWN_NEXT_TIMES,
  takeOverSchedule,
  watchRuns as watchRunsEndpoint,
} from '@/lib/contract/jobs'
import { readLog } from '@/server/db/jobs/run-logs'
import { isWorkerAlive } from '@/server/db/jobs/workers'
import { serve } from '@/server/http/serve'
import { serveEvents } from '@/server/http/serve-events'
import { SCHEDULED_KINDS } from '@/server/changes/scheduled-kinds'
import * as work from '@/server/jobs/change-run'
import { nextTimes } from '@/server/jobs/cron-times'
import { findAwaited } from '@/server/ingest/run/waiting/awaited-uploads'
import { readWait } from '@/server/ingest/run/waiting/read-wait'
import { readQueue } from '@/server/jobs/run-queue'
import * as scheduleWork from '@/server/jobs/change-schedule'
import {
  buildWireRun,
  canRead,
  isLogOpen,
  listKnownKinds,
  readRunPage,
  readUndoLinks,
  requireReadableRun,
  toWire,
} from '@/server/jobs/run-view'
import { buildWireSchedule, buildWireSchedules, listReadableSchedules } from '@/server/jobs/schedule-view'
import { readBadgesOf } from '@/server/search/list-badges'
import type { Services } from '@/server/services'
import * as z from 'zod'

const MAX_LINES = 500

export function jobEndpoints(services: Services) {
  const { database, runWatch, buildId } = services
  const kinds = SCHEDULED_KINDS
  const scheduling = { ...services, scheduledKinds: kinds }
  return [
    serveEvents(services, watchRunsEndpoint, (_input, send) =>
      runWatch.listen(({ runs, haveSchedulesChanged }) => {
        const nowMs = database.nowMs()
        send((actor) => {
          const readable = runs.filter(({ run }) => canRead(actor, run))
          if (readable.length === 0) return null
          const wire = readable.map(({ run, lastLine }) => toWire(run, { lastLine, nowMs }, actor))
          return { event: 'runs', data: z.encode(runsChangedEvent, { build: buildId, runs: wire }) }
        })
        if (haveSchedulesChanged) send(() => ({ event: 'schedules', data: {} }))
      }),
    ),
    serve(services, cancelRun, async ({ run }, { actor, requestId }) => ({
      run: await buildWireRun(database, await work.cancelRun(database, run, { actor, requestId }), actor),
    })),
    serve(services, retryRun, async ({ run }, { actor, requestId }) => ({
      run: await buildWireRun(
        database,
        await work.retryRun(database, run, { actor, requestId }, (failed, caller) =>
          findAwaited(database, failed, caller),
        ),
        actor,
      ),
    })),
    serve(services, getRun, async ({ run: id, after }, { actor }) => {
      const run = await requireReadableRun(database, id, actor)
      const isOpen = isLogOpen(run, database.nowMs())
      const lines = await readLog(database, id, after ?? 0, MAX_LINES)
      const badges = await readBadgesOf(services, actor, [run.table])
      const links = await readUndoLinks(database, run, actor)
      const queue = await readQueue(database, run, actor)
      const wait = await readWait(database, run, actor)
      return { run: await buildWireRun(database, run, actor), lines, isLogOpen: isOpen, queue, wait, ...links, badges }
    }),
    serve(services, listRuns, async (input, { actor }) => {
      const page = await readRunPage(database, input, actor)
      const schedules = await listReadableSchedules(database, actor)
      return {
        ...page,
        badges: await readBadgesOf(
          services,
          actor,
          page.runs.map(({ table }) => table),
        ),
        kinds: await listKnownKinds(
          database,
          schedules.map(({ kind }) => kind),
        ),
        isWorkerAlive: await isWorkerAlive(database),
      }
    }),
    serve(services, setSchedule, async ({ schedule: id, ...change }, context) => {
      const changed = await scheduleWork.changeSchedule(scheduling, id, change, context)
      return { schedule: await buildWireSchedule({ database, kinds, actor: context.actor }, changed) }
    }),
    serve(services, takeOverSchedule, async ({ schedule: id, version }, context) => {
      const taken = await scheduleWork.takeOverSchedule(scheduling, id, { version }, context)
      return { schedule: await buildWireSchedule({ database, kinds, actor: context.actor }, taken) }
    }),
    serve(services, removeSchedule, async ({ schedule }, context) => {
      await scheduleWork.removeSchedule(scheduling, schedule, context)
      return {}
    }),
    serve(services, runSchedule, async ({ schedule, idempotencyKey }, context) => {
      const run = await scheduleWork.runScheduleNow(scheduling, schedule, { ...context, idempotencyKey })
      return { run: await buildWireRun(database, run, context.actor) }
    }),
    serve(services, listNextTimes, async (times) => ({
      nextAtMs: nextTimes(times, SHOWN_NEXT_TIMES, database.nowMs()),
    })),
    serve(services, listSchedules, async (_input, { actor }) => ({
      schedules: await buildWireSchedules({ database, kinds, actor }, await listReadableSchedules(database, actor)),
    })),
  ]
}
