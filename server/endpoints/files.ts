import 'server-only'
import { listFiles } from '@/lib/contract/files'
import { asOfFromInput } from '@/lib/contract/shapes/wire'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { readFilePage } from '@/server/table/file-page'

export function fileEndpoints(services: Services) {
  return [
    serve(services, listFiles, async (input, { actor, signal }) => {
      const catalog = await services.catalogs.open(input.catalog, actor)
      const table = await catalog.loadTable(input, { signal })
      return readFilePage(services, table, asOfFromInput(input), {
        offset: input.offset ?? 0,
        store: table.store,
        signal,
      })
    }),
  ]
}
