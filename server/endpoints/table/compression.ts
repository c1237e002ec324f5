import 'server-only'
import { getColumnStorage, getCompressionTrial, startCompressionTrial } from '@/lib/contract/table/compression'
import { serveTable } from '@/server/http/serve-table'
import { buildWireRun } from '@/server/jobs/run-view'
import { readColumnStorage } from '@/server/metrics/columns/column-storage'
import { readLiveDataPaths } from '@/server/metrics/columns/live-data-paths'
import { queueTrial, readTrial } from '@/server/metrics/columns/trial/queued-trials'
import type { Services } from '@/server/services'

export function compressionEndpoints(services: Services) {
  return [
    serveTable(services, getColumnStorage, async (table, _input, { signal }) => {
      const storage = await readColumnStorage(services, table, { signal, nowMs: services.database.nowMs() })
      return { ...storage, storagePrice: services.config.storagePrice }
    }),
    serveTable(services, startCompressionTrial, async (table, input, { actor }) => {
      table.requireReadable?.()
      const run = await queueTrial(services.database, table, input.fieldId, actor)
      return { run: await buildWireRun(services.database, run, actor) }
    }),
    serveTable(services, getCompressionTrial, async (table, input, { actor, signal }) => {
      // The sample was read before, perhaps when reads were not restricted.
      table.requireReadable?.()
      const readLivePaths = () => readLiveDataPaths(services.manifestCache, table, signal)
      const trial = await readTrial(services.database, table, input.column, readLivePaths)
      return { ...trial, run: trial.run && (await buildWireRun(services.database, trial.run, actor)) }
    }),
  ]
}
