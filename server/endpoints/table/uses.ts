import 'server-only'
import { listTableUses } from '@/lib/contract/table/uses'
import { serveTable } from '@/server/http/serve-table'
import { readTableUses } from '@/server/search/table-uses'
import type { Services } from '@/server/services'

export function tableUseEndpoints(services: Services) {
  return [
    serveTable(services, listTableUses, (table, _input, { actor, signal }) =>
      readTableUses(services, table, { actor, signal }),
    ),
  ]
}
