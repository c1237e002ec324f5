import 'server-only'
import {
  cancelRun,
  getRun,
  listRuns,
  listSchedules,
  retryRun,
  runSchedule,
  runsChanged,
  setSchedule,
  watchRuns as watchRunsEndpoint,
} from '@/lib/contract/jobs'
import { openDatabase } from '@/server/db/open-database'
import { readLog } from '@/server/db/run-logs'
import { isWorkerAlive } from '@/server/db/workers'
import { serve } from '@/server/http/serve'
import { serveEvents } from '@/server/http/serve-events'
import * as work from '@/server/jobs/change-run'
import {
  changeSchedule,
  readableSchedules,
  runScheduleNow,
  wireSchedule,
  wireSchedules,
} from '@/server/jobs/change-schedule'
import { knownKinds, mayRead, readableRun, runPage, toWire, wireRun } from '@/server/jobs/run-view'
import { watchRuns } from '@/server/jobs/run-watch'
import { z } from 'zod'

const MAX_LINES = 500

export const jobEndpoints = [
  serveEvents(watchRunsEndpoint, (_input, send) =>
    watchRuns(({ runs, haveSchedulesChanged }) => {
      const nowMs = openDatabase().nowMs()
      send((actor) => {
        const readable = runs.filter(({ run }) => mayRead(actor, run))
        if (readable.length === 0) return null
        const wire = readable.map(({ run, lastLine }) => toWire(run, { lastLine, nowMs }, actor))
        return { event: 'runs', data: z.encode(runsChanged, { runs: wire }) }
      })
      if (haveSchedulesChanged) send(() => ({ event: 'schedules', data: {} }))
    }),
  ),
  serve(cancelRun, async ({ run }, { actor, requestId }) => ({
    run: await wireRun(await work.cancelRun(run, { actor, requestId }), actor),
  })),
  serve(retryRun, async ({ run }, { actor, requestId }) => ({
    run: await wireRun(await work.retryRun(run, { actor, requestId }), actor),
  })),
  serve(getRun, async ({ run: id, after }, { actor }) => ({
    run: await wireRun(await readableRun(id, actor), actor),
    lines: await readLog(openDatabase(), id, after ?? 0, MAX_LINES),
  })),
  serve(listRuns, async (input, { actor }) => ({
    ...(await runPage(input, actor)),
    kinds: await knownKinds((await readableSchedules(actor)).map(({ kind }) => kind)),
    isWorkerAlive: await isWorkerAlive(openDatabase()),
  })),
  serve(setSchedule, async ({ schedule: id, ...change }, { actor, requestId }) => ({
    schedule: await wireSchedule(await changeSchedule(id, change, { actor, requestId })),
  })),
  serve(runSchedule, async ({ schedule }, { actor, requestId }) => ({
    run: await wireRun(await runScheduleNow(schedule, { actor, requestId }), actor),
  })),
  serve(listSchedules, async (_input, { actor }) => ({
    schedules: await wireSchedules(await readableSchedules(actor)),
  })),
]
