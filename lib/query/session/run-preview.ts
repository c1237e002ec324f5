import { AppError } from '@/lib/errors'
import { historyTableLabel } from '@/lib/facts/history-table-names'
import { joinNamespace } from '@/lib/names/identifiers'
import { toQueryError } from '@/lib/query/duckdb/duckdb-error'
import { withoutMacros } from '@/lib/query/duckdb/zones/macro-call'
import type { QueryPreview, QueryRequest } from '@/lib/query/engine'
import { endEngineIfBroken } from './broken-engine'
import type { Engine } from '@/lib/query/duckdb/engine'
import { prepareQuery, type QuerySources } from './prepared-query'
import { createView } from './local-view'
import { readRows } from './result-rows'
import { isWholeTable, requireSmallSample, toSampleScan } from '@/lib/query/load/sample-scan'
import { isNotLoadedError, type TableCache, type TableNeed } from '@/lib/query/load/table-cache'

const MAX_PREVIEW_ROWS = 20
/** The limit for the rows that are shown. */
const MAX_PREVIEW_BYTES = 4 * 1024 * 1024

/**
 * Runs the statement at the cursor over samples of its tables, which are loaded once for each snapshot.
 *
 * @throws {AppError} as a run does; too-large when the sample of a table would be
 */
export async function runPreview(
  request: QueryRequest,
  signal: AbortSignal,
  { engine, tables, sources }: { engine: Engine; tables: TableCache; sources: QuerySources },
): Promise<QueryPreview> {
  const { planCache, scanFile } = sources
  const prepared = await prepareQuery(
    { ...request, maxRows: MAX_PREVIEW_ROWS },
    { signal, isRetry: false, isFresh: false },
    {
      ...sources,
      planCache: {
        readHistory: async (name, options) =>
          toSampleScan(await planCache.readHistory(name, options), historyTableLabel(name)),
        read: async (identifier, asOf, options, metadataTable) => {
          const scan = await planCache.read(identifier, asOf, options, metadataTable)
          const name = `${joinNamespace(identifier.namespace)}.${identifier.table}`
          return toSampleScan(scan, metadataTable == null ? name : `${name}$${metadataTable}`)
        },
      },
      scanFile: async (file, options) =>
        toSampleScan(await scanFile(file, options), file.kind === 'dropped' ? file.name : file.path),
    },
  )
  const load = async (needs: readonly TableNeed[]) => {
    for (const { scan, columns } of needs) {
      const loadedIds = new Set(tables.loadedColumns(scan).map(({ id }) => id))
      const missing = columns.filter(({ id }) => !loadedIds.has(id))
      await requireSmallSample(scan, missing, tables.footers, signal)
    }
    // A preview drops no data that was loaded for a query.
    await tables.prepareTables(needs, 0, signal, () => {})
    for (const view of prepared.views) await createView(engine, 'lake', view)
  }
  const read = () => {
    const { rewritten, hasZoneOperators } = prepared
    return readRows(engine, rewritten.sql, MAX_PREVIEW_ROWS, signal, { hasZoneOperators, maxBytes: MAX_PREVIEW_BYTES })
  }
  try {
    // A sample without any column would have no rows to count.
    await load(
      prepared.needs.map(({ scan, columns }) => {
        const needed = columns.length > 0 ? columns : scan.fields.slice(0, 1)
        return { scan, columns: needed, rowsNeeded: null }
      }),
    )
    const rows = await read().catch(async (error: unknown) => {
      if (!isNotLoadedError(error)) throw error
      await tables.release(prepared.needs)
      await load(prepared.needs.map(({ scan }) => ({ scan, columns: scan.fields, rowsNeeded: null })))
      return await read()
    })
    return {
      ...rows,
      columns: rows.columns.map((column) => ({
        ...column,
        name: withoutMacros(prepared.rewritten.toSourceText(column.name)),
      })),
      samples: prepared.needs.map(({ scan }) => {
        const rowCount = tables.rowCount(scan)
        return { label: scan.sample?.label ?? '', rowCount, isWhole: isWholeTable(scan, rowCount) }
      }),
    }
  } catch (error) {
    if (signal.aborted) throw new AppError('cancelled', 'The preview was cancelled.', { cause: error })
    throw endEngineIfBroken(engine, toQueryError(error, null, prepared.statement.tokens), error)
  } finally {
    await tables.release(prepared.needs)
  }
}
