import 'server-only'
import { getHome } from '@/lib/contract/home'
import { serve } from '@/server/http/serve'
import { readHome } from '@/server/metrics/facts/read-home'
import { readBadgesOf } from '@/server/search/list-badges'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'

export function homeEndpoints(services: Services) {
  return [
    serve(services, getHome, async (span, { actor }) => {
      const home = await readHome(services, actor, span, { nowMs: clock.nowMs() })
      const named = [
        ...home.tables.map(({ table }) => table),
        ...home.freshness.map(({ table }) => table),
        ...home.events.flatMap(({ target: { table, ...target } }) => (table === null ? [] : [{ ...target, table }])),
      ]
      return { ...home, badges: await readBadgesOf(services, actor, named) }
    }),
  ]
}
