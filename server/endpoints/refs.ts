import 'server-only'
import { listRefs, previewRefMove, safetyTagFromQuery } from '@/lib/contract/refs'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { readRefMove } from '@/server/table/commit/ref-move'
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
  ]
}
