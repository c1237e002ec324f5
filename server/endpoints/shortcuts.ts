import 'server-only'
import { listShortcuts, recordVisit, setFavourite } from '@/lib/contract/shortcuts'
import { serve } from '@/server/http/serve'
import { addFavourite, readShortcuts, recordVisit as record, removeFavourite } from '@/server/search/shortcuts'
import type { Services } from '@/server/services'

export function shortcutEndpoints(services: Services) {
  return [
    serve(services, listShortcuts, (_input, { actor }) => readShortcuts(services, actor)),
    serve(services, setFavourite, async ({ target, isFavourite }, { actor, signal }) => {
      if (isFavourite) await addFavourite(services, actor, target, { signal })
      else await removeFavourite(services, actor, target)
      return {}
    }),
    serve(services, recordVisit, async (visited, { actor }) => {
      await record(services, actor, visited)
      return {}
    }),
  ]
}
