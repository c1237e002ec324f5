import { vi } from 'vitest'
import { call } from '@/lib/api/call'
import type { ListedFile } from '@/lib/api/listed-files'
import { FilePages } from '@/lib/client/rows/file-pages'
import type { RowsReply, RowsRequest } from '@/lib/client/rows/row-messages'
import { createRowServer } from '@/lib/client/rows/serve-rows'
import { listPlannedFiles, scanTable } from '@/lib/contract/table/scan'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { LiveRows } from '@/lib/scan/live-rows'
import type { RowValue } from '@/lib/scan/read/row-values'
import { pageCodecs } from '../parquet/page-codecs'
import type { ConsoleClient } from './console-client'
import { requireReadable } from '@/lib/scan/read/unreadable-cell'

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

const MAX_ROWS_PER_READ = 10_000

/**
 * Reads all rows of a table as its page shows them: the server plans the scan, and the code of the page's worker reads
 * ranges of the files.
 *
 * @returns a list per row with a value per column, in the order of the first column
 */
export async function readShownRows(identifier: TableIdentifier, asOf: AsOf = {}): Promise<(RowValue | null)[][]> {
  const plan = await call(scanTable, { ...identifier, ...asOfToInput(asOf) })
  const { token, schema, nameMapping } = plan
  if (plan.rowCount === 0) return []
  const pages = new FilePages(plan, (page, options) => call(listPlannedFiles, page, options))
  const pending: ((reply: RowsReply) => void)[] = []
  const serve = createRowServer((reply) => pending.shift()?.(reply), { codecs: pageCodecs })
  const request = (message: RowsRequest) =>
    new Promise<RowsReply>((resolve) => {
      pending.push(resolve)
      serve(message)
    })
  serve({ kind: 'open', scan: 1, plan: { token, fields: schema.fields, nameMapping } })
  const scanFiles = {
    rowCount: plan.rowCount,
    filesForRows: (first: number, last: number) => pages.filesForRows(first, last),
  }
  const live = new LiveRows<ListedFile>(scanFiles, async (uncounted) => {
    const counted = await request({ kind: 'count', scan: 1, id: 1, files: uncounted })
    if (counted.kind !== 'counted') throw new Error(JSON.stringify(counted))
    return counted.counts
  })
  const fieldIds = schema.fields.map(({ id }) => id)
  const rows: (RowValue | null)[][] = []
  // The number of rows is known only when the deletes of all their files are.
  for (let firstRow = 0; firstRow < live.rowCount; firstRow += MAX_ROWS_PER_READ) {
    const end = firstRow + MAX_ROWS_PER_READ
    const files = await live.filesForRows(firstRow, end)
    const lastRow = Math.min(end, live.rowCount)
    const reply = await request({ kind: 'rows', scan: 1, id: 2, firstRow, lastRow, fieldIds, files })
    if (reply.kind !== 'rows' || reply.failed.length > 0) throw new Error(JSON.stringify(reply))
    for (const batch of reply.batches) {
      for (let row = 0; row < batch.lastRow - batch.firstRow; row++) {
        rows.push(fieldIds.map((id) => requireReadable(batch.columns.get(id)?.[row] ?? null)))
      }
    }
  }
  return rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}
