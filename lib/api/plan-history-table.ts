import { HISTORY_ROWS_PATH, MAX_HISTORY_PAGE_ROWS } from '@/lib/contract/shapes/plain-values'
import { type HistoryTableName, historyTableLabel } from '@/lib/facts/history-table-names'
import {
  type MetadataBatch,
  type MetadataRows,
  type RowSelection,
  tooManyRowsError,
} from '@/lib/query/load/metadata-rows'
import { knownFiles } from '@/lib/query/load/table-files'
import type { PlanHistoryTable } from '@/lib/query/load/table-scan'
import { callEndpoint } from './call-endpoint'
import { fetchOrThrow } from './fetch-or-throw'
import { parseRows } from './plan-metadata-table'
import { responseError } from './response-error'

/** Describes a history table. Its rows are read by pages, and only those of the tables that the user may read. */
export const planHistoryTable: PlanHistoryTable = async (name, options) => {
  const described = await callEndpoint('getHistoryTable', { name, rowCount: 'facts' }, options)
  const { fields, rowCount, maxRows, timeColumn } = described
  const rowsOf = (selection: RowSelection, isExact: boolean): MetadataRows => ({
    read: (names, signal, rowsNeeded) =>
      names.length === 0
        ? countRows(name, selection, signal)
        : readPages({ name, selection, names, maxRows }, rowsNeeded, signal),
    live: {
      maxRows,
      isExact,
      timeColumn,
      select: async (selected, { isCounted, ...callOptions }) => {
        const { where } = selected
        if (where === null && !isCounted) return { rowCount: null, metadataRows: rowsOf(selected, false) }
        const counting = isCounted ? ('estimated' as const) : ('facts' as const)
        const input = { name, ...(where !== null && { where }), rowCount: counting }
        const counted = await callEndpoint('getHistoryTable', input, callOptions)
        return { rowCount: counted.rowCount, metadataRows: rowsOf(selected, counted.isExact) }
      },
    },
  })
  return {
    // The columns can be others after an update of the server.
    key: [historyTableLabel(name), ...fields.map((field) => field.name)].join('\n'),
    snapshotId: null,
    committedAtMs: null,
    fields,
    files: knownFiles([]),
    fileCount: 0,
    rowCount,
    deleteFileCount: 0,
    deleteBytes: 0,
    fileBytes: null,
    metadataRows: rowsOf({ where: null, order: 'any' }, false),
  }
}

async function* countRows(
  name: HistoryTableName,
  { where }: RowSelection,
  signal: AbortSignal,
): AsyncGenerator<MetadataBatch, void> {
  const input = { name, ...(where !== null && { where }), rowCount: 'exact' } as const
  yield { rowCount: (await callEndpoint('getHistoryTable', input, { signal })).rowCount, arrow: null }
}

type PageSource = { name: HistoryTableName; selection: RowSelection; names: readonly string[]; maxRows: number }

/** @throws {AppError} too-large when there are more rows than a query may read, and as `parseRows` does */
async function* readPages(
  source: PageSource,
  rowsNeeded: number,
  signal: AbortSignal,
): AsyncGenerator<MetadataBatch, void> {
  let remaining = Math.min(rowsNeeded, source.maxRows)
  let after: string | null = null
  do {
    const response = await fetchOrThrow(toRowsUrl(source, { after, limit: remaining }), { signal })
    if (!response.ok || !response.body) throw responseError(response, await response.json().catch(() => undefined))
    const rows = parseRows(response.body, signal)
    let line = await rows.next()
    for (; line.done !== true; line = await rows.next()) {
      remaining -= line.value.rowCount
      yield line.value
    }
    after = line.value
  } while (after !== null && remaining > 0)
  if (after !== null && rowsNeeded > source.maxRows) throw tooManyRowsError(source.maxRows)
}

function toRowsUrl(
  { name, selection: { where, order }, names }: PageSource,
  { after, limit }: { after: string | null; limit: number },
): string {
  const query = new URLSearchParams({ columns: names.join(','), order })
  if (limit < MAX_HISTORY_PAGE_ROWS) query.set('limit', String(limit))
  if (where !== null) query.set('where', where)
  if (after !== null) query.set('after', after)
  return `${HISTORY_ROWS_PATH.replace(':name', name)}?${query}`
}
