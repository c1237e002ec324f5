import 'server-only'
import { listReaders } from '@/lib/contract/table/readers'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'
import { readRecentReaders } from '@/server/table/recent-readers'

export function readerEndpoints(services: Services) {
  return [
    serve(services, listReaders, async (input) =>
      readRecentReaders(services.database, input, services.database.nowMs()),
    ),
  ]
}
