import 'server-only'
import {
  listRefs,
  previewRefDrop,
  previewRefMove,
  previewRefRetention,
  safetyTagFromQuery,
} from '@/lib/contract/table/refs'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { readRefDrop } from '@/server/table/commit/ref-drop'
import { readRefMove } from '@/server/table/commit/ref-move'
import { readRefRetention } from '@/server/table/commit/ref-retention'
import { refPage } from '@/server/table/ref-page'

export function refEndpoints(services: Services) {
  return [
    serve(services, listRefs, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const { metadata } = await catalog.loadTable(input, { signal })
      return refPage(metadata, input.offset ?? 0)
    }),
    serve(services, previewRefMove, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      const wanted = { branch: input.branch, to: asOfFromInput(input), safetyTag: safetyTagFromQuery(input) }
      return readRefMove(services.manifestCache, table, wanted, { catalog, store: table.store, signal })
    }),
    serve(services, previewRefDrop, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      const wanted = { refName: input.refName, safetyTag: safetyTagFromQuery(input) }
      return readRefDrop(services.manifestCache, table, wanted, { catalog, signal })
    }),
    serve(services, previewRefRetention, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      const { refName = null, type, snapshotId } = input
      const { minSnapshotsToKeep = null, maxSnapshotAgeMs = null, maxRefAgeMs = null } = input
      const retention = { minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs }
      const wanted = { refName, type, snapshotId, retention }
      return readRefRetention(services.manifestCache, table, wanted, { nowMs: Date.now(), signal })
    }),
  ]
}
