import 'server-only'
import { getCompression, getIngestion } from '@/lib/contract/dashboards'
import { requireReadableTable } from '@/server/catalog/require-readable-table'
import { serve } from '@/server/http/serve'
import { readCompression } from '@/server/metrics/facts/compression/compression'
import { readIngestion } from '@/server/metrics/facts/ingestion'
import { readBadgesOf } from '@/server/search/list-badges'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'

export function dashboardEndpoints(services: Services) {
  return [
    serve(services, getCompression, async ({ catalog, namespace, ...times }, { actor }) => {
      const request = { ...times, scope: { catalog, namespace } }
      const read = await readCompression(services, actor, request, { nowMs: clock.nowMs() })
      const named = [read.columns, read.tables, read.changes, read.candidates, read.done].flatMap((list) =>
        list.map(({ table }) => table),
      )
      return { ...read, badges: await readBadgesOf(services, actor, named) }
    }),
    serve(services, getIngestion, async ({ catalog, namespace, table, ...choice }, { actor }) => {
      const request = { ...choice, scope: { catalog, namespace, table } }
      const read = await readIngestion(services, actor, request, { nowMs: clock.nowMs() })
      // Names of partitions are values of rows.
      if (read.partitions !== null) await requireReadableTable(services, read.partitions.table, { actor })
      const named = [...read.tables, ...read.newest].map(({ table }) => table)
      return { ...read, badges: await readBadgesOf(services, actor, named) }
    }),
  ]
}
