import { z } from 'zod'
import { runsChanged, watchRuns as watchRunsEndpoint } from '@/lib/contract/jobs'
import { openDatabase } from '@/server/db/open-database'
import { serveEvents } from '@/server/http/serve-events'
import { wrongMethod } from '@/server/http/wrong-method'
import { mayRead, toWire } from '@/server/jobs/run-view'
import { watchRuns } from '@/server/jobs/run-watch'

export const GET = serveEvents(watchRunsEndpoint, (_input, send) =>
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
)
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
