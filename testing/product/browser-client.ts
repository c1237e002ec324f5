import { vi } from 'vitest'
import { call } from '@/lib/client/call/call'
import { FilePages } from '@/lib/client/rows/file-pages'
import type { RowsReply } from '@/lib/client/rows/row-messages'
import { createRowServer } from '@/lib/client/rows/serve-rows'
import { listPlannedFiles, scanTable } from '@/lib/contract/scan'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { RowValue } from '@/lib/scan/read/row-values'
import { pageCodecs } from '../parquet/page-codecs'
import type { ConsoleClient } from './console-client'

/**
 * From here on the browser's half of the API, `call` and the row reader, reaches this console. Requests to other
 * servers are sent as before.
 */
export function stubFetchWith(console: ConsoleClient): void {
  const realFetch = globalThis.fetch
  vi.stubGlobal('fetch', (address: string | URL | Request, init?: RequestInit) =>
    typeof address === 'string' && address.startsWith('/') ? console.fetch(address, init) : realFetch(address, init),
  )
}

/**
 * Reads all rows of a table as its page shows them: the server plans the scan, and the code of the page's worker reads
 * ranges of the files.
 *
 * @returns a list per row with a value per column, in the order of the first column
 */
export async function readShownRows(identifier: TableIdentifier, asOf: AsOf = {}): Promise<(RowValue | null)[][]> {
  const plan = await call(scanTable, { ...identifier, ...asOfToInput(asOf) })
  const { token, schema, nameMapping, rowCount } = plan
  if (rowCount === 0) return []
  const pages = new FilePages(plan, (page, options) => call(listPlannedFiles, page, options))
  const files = await pages.filesForRows(0, rowCount)
  const reply = await new Promise<RowsReply>((resolve) => {
    const serve = createRowServer(resolve, { codecs: pageCodecs })
    const fieldIds = schema.fields.map(({ id }) => id)
    serve({ kind: 'open', scan: 1, plan: { token, fields: schema.fields, rowCount, nameMapping } })
    serve({ kind: 'rows', scan: 1, id: 1, firstRow: 0, lastRow: rowCount, fieldIds, files })
  })
  if (reply.kind !== 'rows' || reply.failed.length > 0) throw new Error(JSON.stringify(reply))
  const rows = reply.batches.flatMap(({ firstRow, lastRow, columns }) =>
    Array.from({ length: lastRow - firstRow }, (_, row) =>
      schema.fields.map(({ id }) => columns.get(id)?.[row] ?? null),
    ),
  )
  return rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}
