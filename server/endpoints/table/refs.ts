import 'server-only'
import {
  listRefs,
  previewRefDrop,
  previewRefMove,
  previewRefRetention,
  safetyTagFromQuery,
} from '@/lib/contract/table/refs'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import { readRefDrop } from '@/server/table/commit/ref-drop'
import { readRefMove } from '@/server/table/commit/ref-move'
import { readRefRetention } from '@/server/table/commit/ref-retention'
import { refPage } from '@/server/table/ref-page'

export function refEndpoints(services: Services) {
  return [
    serveTable(services, listRefs, async ({ metadata }, input) => refPage(metadata, input.offset ?? 0)),
    serveTable(services, previewRefMove, async (table, input, { catalog, signal }) => {
      const requested = { branch: input.branch, to: asOfFromInput(input), safetyTag: safetyTagFromQuery(input) }
      return readRefMove(services.manifestCache, table, requested, { catalog, store: table.store, signal })
    }),
    serveTable(services, previewRefDrop, async (table, input, { catalog, signal }) => {
      const requested = { refName: input.refName, safetyTag: safetyTagFromQuery(input) }
      return readRefDrop(services.manifestCache, table, requested, { catalog, signal })
    }),
    serveTable(services, previewRefRetention, async (table, input, { signal }) => {
      const { refName = null, type, snapshotId } = input
      const { minSnapshotsToKeep = null, maxSnapshotAgeMs = null, maxRefAgeMs = null } = input
      const retention = { minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs }
      const requested = { refName, type, snapshotId, retention }
      return readRefRetention(services.manifestCache, table, requested, { nowMs: Date.now(), signal })
    }),
  ]
}
