import { z } from 'zod'
import { runsChanged, watchRuns as watchRunsEndpoint } from '@/lib/contract/jobs'
import { serveEvents } from '@/server/http/serve-events'
import { wrongMethod } from '@/server/http/wrong-method'
import { mayRead, wireRuns } from '@/server/jobs/run-view'
import { watchRuns } from '@/server/jobs/run-watch'

export const GET = serveEvents(watchRunsEndpoint, (_input, send) =>
  watchRuns(({ runs, haveSchedulesChanged }) => {
    send((actor) => {
      const readable = runs.filter((run) => mayRead(actor, run))
      if (readable.length === 0) return null
      return { event: 'runs', data: z.encode(runsChanged, { runs: wireRuns(readable, actor) }) }
    })
    if (haveSchedulesChanged) send(() => ({ event: 'schedules', data: {} }))
  }),
)
export const { POST, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET')
