import 'server-only'
import { formatDuration } from '@/lib/format/duration'
import { createDemoLake } from '@/server/demo/demo-lake'
import { withWorker } from '@/server/jobs/follow-run'
import { clock } from '@/server/timing/clock'
import { runKinds } from '@/server/worker/run-kinds'
import { progressBar, createProgressLine } from './terminal/progress-line'
import { readArguments, type Verb } from './verb'

export const demoVerb: Verb = {
  summary: 'fills an empty catalog with the demo lake',
  help: `Use: lakeshore demo

Loads real data (flights, earthquakes, weather …) into tables of the namespaces demo and stocks, through the
same ingest as your own files. Does nothing when the catalog has namespaces, or the demo was loaded before.`,
  async run(args, terminal, { openServices }) {
    readArguments(args, {})
    const services = await openServices()
    const startedAt = clock.elapsedMs()
    const line = createProgressLine()
    try {
      const isCreated = await withWorker(services, runKinds(services), () =>
        createDemoLake(services, {
          signal: terminal.signal,
          onProgress: ({ step, doneBytes, totalBytes }) =>
            line.show(`Demo lake  ${progressBar(doneBytes / totalBytes)}  ${step}`),
        }),
      )
      line.end()
      if (isCreated) terminal.printMessage(`The demo lake is ready (${formatDuration(clock.elapsedMs() - startedAt)}).`)
      return 0
    } finally {
      line.end()
    }
  },
}
