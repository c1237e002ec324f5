import 'server-only'
import {
  getBulkChange,
  getBulkValues,
  listBulkChangeTables,
  listSelectedTables,
  runBulkChange,
  startBulkChange,
  stopBulkChange,
} from '@/lib/contract/bulk-changes'
import { AppError } from '@/lib/errors'
import { bulkIntentValues } from '@/lib/changes/intents/bulk-change'
import { readBulkValues } from '@/server/changes/bulk/bulk-values'
import * as queued from '@/server/changes/bulk/queue-bulk-run'
import { readBulkChange, readBulkChangeTables } from '@/server/changes/bulk/read-bulk-change'
import { readSelectedTables } from '@/server/changes/bulk/selected-tables'
import * as started from '@/server/changes/bulk/start-bulk-change'
import { stopAndUndo } from '@/server/changes/bulk/stop-and-undo'
import * as stopped from '@/server/changes/bulk/stop-bulk-change'
import type { BulkTable } from '@/server/db/jobs/bulk-changes'
import { serve } from '@/server/http/serve'
import { buildWireRun } from '@/server/jobs/run-view'
import { slicePage } from '@/server/metrics/lake/slice-page'
import type { Services } from '@/server/services'

const PAGE_SIZE = 100
const NO_COUNTS = {
  waiting: 0,
  ready: 0,
  'ready-to-propose': 0,
  unchanged: 0,
  failed: 0,
  unknown: 0,
  left: 0,
  changed: 0,
  proposed: 0,
  undoing: 0,
  undone: 0,
  'not-undone': 0,
}

export function bulkChangeEndpoints(services: Services) {
  const { database } = services
  return [
    serve(services, listSelectedTables, async ({ catalog, offset, ...selection }, context) => {
      const { tables, ...list } = await readSelectedTables(services, catalog, selection, context)
      const { items, ...page } = slicePage(tables, offset ?? 0, PAGE_SIZE)
      return { ...page, tables: items.map(({ namespace, table }) => ({ namespace, table })), ...list }
    }),
    serve(services, startBulkChange, async ({ idempotencyKey, ...input }, context) => ({
      bulkChangeId: await started.startBulkChange(services, input, { ...context, idempotencyKey }),
    })),
    serve(services, getBulkChange, async (on, { actor }) => {
      const { change, counts, run, ...rest } = await readBulkChange(database, on, actor)
      return {
        ...rest,
        selection: change.selection,
        changes: [...change.changes],
        startedBy: change.startedBy.username,
        startedAtMs: change.startedAtMs,
        counts: { ...NO_COUNTS, ...counts },
        run: run && (await buildWireRun(database, run, actor)),
      }
    }),
    serve(services, getBulkValues, async (on, { actor }) => ({ values: await readBulkValues(database, on, actor) })),
    serve(services, listBulkChangeTables, async ({ catalog, bulkChangeId, ...filter }, { actor }) => {
      const on = { catalog, bulkChangeId }
      const { tables, ...page } = await readBulkChangeTables(database, on, filter, actor)
      return { ...page, tables: tables.map(toWire) }
    }),
    serve(services, stopBulkChange, async (on, context) => {
      await stopped.stopBulkChange(database, on, context)
      return {}
    }),
    serve(services, runBulkChange, async ({ catalog, bulkChangeId, idempotencyKey, stopsOpenRun, ...run }, context) => {
      const on = { catalog, bulkChangeId }
      const request = { ...context, idempotencyKey }
      if (!stopsOpenRun) return { runId: await queued.runBulkChange(services, on, run, request) }
      if (run.step !== 'undo')
        throw new AppError('invalid-request', '`stopsOpenRun` is only for the step `undo`. Nothing was started.')
      return { runId: await stopAndUndo(services, on, request) }
    }),
  ]
}

function toWire({ position: _position, metadataLocation: _location, intents, warnings, ...table }: BulkTable) {
  return { ...table, values: (intents ?? []).map(bulkIntentValues), warnings: [...warnings] }
}
