import 'server-only'
import {
  cancelRun,
  getRun,
  listRuns,
  listSchedules,
  retryRun,
  runSchedule,
  runsChangedEvent,
  setSchedule,
  watchRuns as watchRunsEndpoint,
} from '@/lib/contract/jobs'
import { readLog } from '@/server/db/jobs/run-logs'
import { isWorkerAlive } from '@/server/db/jobs/workers'
import { serve } from '@/server/http/serve'
import { serveEvents } from '@/server/http/serve-events'
import * as work from '@/server/jobs/change-run'
import {
  changeSchedule,
  listReadableSchedules,
  runScheduleNow,
  buildWireSchedule,
  buildWireSchedules,
} from '@/server/jobs/change-schedule'
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
import { readBadgesOf } from '@/server/search/list-badges'
import type { Services } from '@/server/services'
import { z } from 'zod'

const MAX_LINES = 500

export function jobEndpoints(services: Services) {
  const { database, runWatch } = services
  return [
    serveEvents(services, watchRunsEndpoint, (_input, send) =>
      runWatch.listen(({ runs, haveSchedulesChanged }) => {
        const nowMs = database.nowMs()
        send((actor) => {
          const readable = runs.filter(({ run }) => canRead(actor, run))
          if (readable.length === 0) return null
          const wire = readable.map(({ run, lastLine }) => toWire(run, { lastLine, nowMs }, actor))
          return { event: 'runs', data: z.encode(runsChangedEvent, { runs: wire }) }
        })
        if (haveSchedulesChanged) send(() => ({ event: 'schedules', data: {} }))
      }),
    ),
    serve(services, cancelRun, async ({ run }, { actor, requestId }) => ({
      run: await buildWireRun(database, await work.cancelRun(database, run, { actor, requestId }), actor),
    })),
    serve(services, retryRun, async ({ run }, { actor, requestId }) => ({
      run: await buildWireRun(database, await work.retryRun(database, run, { actor, requestId }), actor),
    })),
    serve(services, getRun, async ({ run: id, after }, { actor }) => {
      const run = await requireReadableRun(database, id, actor)
      const isOpen = isLogOpen(run, database.nowMs())
      const lines = await readLog(database, id, after ?? 0, MAX_LINES)
      const badges = await readBadgesOf(services, actor, [run.table])
      const links = await readUndoLinks(database, run, actor)
      return { run: await buildWireRun(database, run, actor), lines, isLogOpen: isOpen, ...links, badges }
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
    serve(services, setSchedule, async ({ schedule: id, ...change }, { actor, requestId }) => ({
      schedule: await buildWireSchedule(database, await changeSchedule(database, id, change, { actor, requestId })),
    })),
    serve(services, runSchedule, async ({ schedule }, { actor, requestId }) => ({
      run: await buildWireRun(database, await runScheduleNow(database, schedule, { actor, requestId }), actor),
    })),
    serve(services, listSchedules, async (_input, { actor }) => ({
      schedules: await buildWireSchedules(database, await listReadableSchedules(database, actor)),
    })),
  ]
}
