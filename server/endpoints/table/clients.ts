import 'server-only'
import { listTableClients } from '@/lib/contract/table/clients'
import { serveTable } from '@/server/http/serve-table'
import type { Services } from '@/server/services'
import { readTableClients } from '@/server/table/table-clients'

export function tableClientEndpoints(services: Services) {
  return [
    serveTable(services, listTableClients, ({ metadata }, _input, { catalog }) =>
      readTableClients(services.database, metadata, { isRecorded: catalog.kind === 'embedded' }),
    ),
  ]
}
