import 'server-only'
import { listFiles } from '@/lib/contract/files'
import { asOfFromInput } from '@/lib/contract/wire'
import { openCatalog } from '@/server/catalog/open-catalog'
import { serve } from '@/server/http/serve'
import { pageOfFiles } from '@/server/table/file-list'

export const fileEndpoints = [
  serve(listFiles, async (input, { actor, signal }) => {
    const catalog = await openCatalog(input.catalog, actor)
    const table = await catalog.loadTable(input, { signal })
    return pageOfFiles(table, asOfFromInput(input), {
      offset: input.offset ?? 0,
      store: table.store,
      signal,
    })
  }),
]
