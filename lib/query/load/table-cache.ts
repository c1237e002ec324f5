import { hasBounds, type UnreadableBounds } from '@/lib/iceberg/metadata/unreadable-bounds'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { duckdbType } from '@/lib/query/duckdb/duckdb-type'
import { type LoadCost, ZERO_COST } from '@/lib/query/engine'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import type { Decoder } from './decoder'
import type { Engine } from '@/lib/query/duckdb/engine'
import { createFooterCache } from './footer-cache'
import { countRows, loadColumns } from './load-columns'
import type { TableScan } from './table-scan'

/** Prefix of the error of a query that reads a column that is not loaded; see {@link createTableCache}. */
const NOT_LOADED_MESSAGE = 'lakeshore: not loaded'

export function isNotLoadedError(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NOT_LOADED_MESSAGE)
}

const NO_SAMPLE = { maxRows: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }

/** Rows of tables that pass a filter are cached for this many filters. */
const MAX_FILTERED_TABLES = 40

type CachedTable = {
  /** False for some rows of another one, which has the name. */
  hasOwnName: boolean
  /** Its name in queries, in `shadow` and in `lake`. */
  localName: string
  scan: TableScan
  /** Table in schema `held` with the loaded columns, or null before the first. */
  table: string | null
  columns: readonly NestedField[]
  bytes: number
  /** Without deleted rows; null until they are counted. */
  rowCount: number | null
  /** Bounds in the loaded rows of a metadata table that cannot be shown; null if there are none. */
  unreadableBounds: UnreadableBounds | null
  /** The same in first rows, which are loaded for one query; undefined without them. */
  firstRowsBounds?: UnreadableBounds | null | undefined
}

/** The part of one table that a query needs. */
export type TableNeed = {
  scan: TableScan
  columns: readonly NestedField[]
  /** The number of first rows that are enough; null for all. */
  rowsNeeded: number | null
}

/**
 * Tables in DuckDB. Each snapshot has an empty `shadow` with all columns, for plans, and the rows of the columns that
 * queries have needed so far. Rows are cached up to a limit; the least recently used tables are dropped.
 *
 * Queries see a view with every column of the table. A column that is not loaded is an `error()` there. DuckDB removes
 * unused columns, so it is never evaluated. If a plan needs more columns than expected, the query fails and runs again
 * with all columns (see `query-session`), and no wrong value is shown.
 */
export function createTableCache(engine: Engine, decoder: Decoder, { limitBytes }: { limitBytes: number }) {
  const tables = new Map<string, CachedTable>()
  const footers = createFooterCache(decoder)
  let lastNumber = 0
  let lastTable = 0

  const create = (schema: string, name: string, fields: readonly NestedField[]) =>
    engine.query(`CREATE TABLE ${schema}.${quoteIdentifier(name)} (${columnList(fields)})`)
  const drop = (name: string) => engine.query(`DROP TABLE IF EXISTS held.${quoteIdentifier(name)}`)

  /** Drops tables that are not in use, least recently used first, until `bytes` more fit. */
  async function evictUntilFits(bytes: number, used: ReadonlySet<CachedTable>) {
    let total = bytes
    for (const entry of tables.values()) total += entry.bytes
    let filteredCount = [...tables.values()].filter(({ scan }) => scan.filter).length
    for (const [key, entry] of tables) {
      const isSurplus = entry.scan.filter !== undefined && filteredCount > MAX_FILTERED_TABLES
      if (used.has(entry) || (total <= limitBytes && !isSurplus)) continue
      if (entry.table !== null) await drop(entry.table)
      total -= entry.bytes
      Object.assign(entry, { table: null, columns: [], bytes: 0, unreadableBounds: null })
      if (entry.scan.filter === undefined) continue
      // A table has any number of filters, and no shadow of each.
      tables.delete(key)
      filteredCount -= 1
    }
  }

  async function loadMissing(
    entry: CachedTable,
    missing: readonly NestedField[],
    signal: AbortSignal,
    onProgress: (cost: LoadCost) => void,
  ): Promise<LoadCost> {
    const into = `${entry.localName} ${++lastNumber}`
    const { maxRows, maxBytes } = entry.scan.sample ?? NO_SAMPLE
    const otherBytes = [...tables.values()].reduce((sum, other) => sum + (other === entry ? 0 : other.bytes), 0)
    let unreadableBounds: UnreadableBounds | null = null
    await create('held', into, missing)
    try {
      const request = {
        scan: entry.scan,
        fields: missing,
        into,
        rowsNeeded: maxRows,
        onUnreadable: (bounds: UnreadableBounds) => void (unreadableBounds = bounds),
        limitBytes: Math.min(maxBytes, limitBytes - Math.min(otherBytes, limitBytes / 2) - entry.bytes),
      }
      const cost = await loadColumns(request, { engine, decoder, footers }, signal, onProgress)
      const previousTable = entry.table
      if (previousTable !== null) {
        const startedAt = performance.now()
        // Both have the rows in the order of the table, so their columns are joined by position.
        const joined = `${entry.localName} ${++lastNumber}`
        await engine.query(
          `CREATE TABLE held.${quoteIdentifier(joined)} AS SELECT * FROM held.${quoteIdentifier(previousTable)} POSITIONAL JOIN held.${quoteIdentifier(into)}`,
        )
        await drop(previousTable)
        await drop(into)
        entry.table = joined
        cost.insertMs += performance.now() - startedAt
      } else entry.table = into
      entry.columns = [...entry.columns, ...missing]
      // A metadata table has one column with bounds.
      entry.unreadableBounds ??= unreadableBounds
      entry.rowCount ??= Math.min(cost.rowCount, maxRows)
      entry.bytes += cost.decodedBytes
      return cost
    } catch (error) {
      if (engine.isRunning && entry.table !== into) await drop(into)
      throw error
    }
  }

  async function loadFirstRows(
    { scan, columns }: TableNeed,
    entry: CachedTable,
    rowsNeeded: number,
    signal: AbortSignal,
    onProgress: (cost: LoadCost) => void,
  ) {
    const into = `${entry.localName} front`
    await drop(into)
    await create('held', into, columns)
    entry.firstRowsBounds = null
    const onUnreadable = (bounds: UnreadableBounds) => void (entry.firstRowsBounds = bounds)
    const request = { scan, fields: columns, into, rowsNeeded, limitBytes, onUnreadable }
    return { into, cost: await loadColumns(request, { engine, decoder, footers }, signal, onProgress) }
  }

  return {
    footers,

    /** Registers a table by creating its empty shadow, and returns its local name. */
    async registerTable(scan: TableScan): Promise<string> {
      const cached = tables.get(scan.key)
      if (cached) {
        // Now last used, and with URLs that are still valid.
        tables.delete(scan.key)
        tables.set(scan.key, { ...cached, scan })
        return cached.localName
      }
      // Not a name that a query uses: a common table expression of that name would shadow it.
      const localName = `lakeshore table ${++lastTable}`
      await create('shadow', localName, scan.fields)
      tables.set(scan.key, {
        hasOwnName: true,
        localName,
        scan,
        table: null,
        columns: [],
        bytes: 0,
        rowCount: null,
        unreadableBounds: null,
      })
      return localName
    },

    /** Registers the rows of a registered table that pass a filter. They are cached apart, under its local name. */
    registerFiltered(scan: TableScan, filtered: TableScan): void {
      const localName = tables.get(scan.key)?.localName
      if (localName === undefined) throw new Error('a filtered table is not registered')
      const cached = tables.get(filtered.key)
      tables.delete(filtered.key)
      const empty = {
        hasOwnName: false,
        localName,
        table: null,
        columns: [],
        bytes: 0,
        rowCount: null,
        unreadableBounds: null,
      }
      tables.set(filtered.key, { ...(cached ?? empty), scan: filtered })
    },

    /** Columns of a table that are loaded already. */
    loadedColumns(scan: TableScan): readonly NestedField[] {
      return tables.get(scan.key)?.columns ?? []
    },

    /** Decoded size of the loaded columns of a table; 0 if it has no rows. */
    loadedBytes(scan: TableScan): number {
      return tables.get(scan.key)?.bytes ?? 0
    },

    /** Without deleted rows; 0 before any of them was counted or loaded. */
    rowCount(scan: TableScan): number {
      return tables.get(scan.key)?.rowCount ?? 0
    },

    /**
     * Those in the prepared rows of a metadata table; null if there are none, or the query does not need the column with
     * its bounds, which an earlier one may have loaded.
     */
    unreadableBounds({ scan, columns }: TableNeed): UnreadableBounds | null {
      const entry = tables.get(scan.key)
      if (!entry || !columns.some(hasBounds)) return null
      return entry.firstRowsBounds === undefined ? entry.unreadableBounds : entry.firstRowsBounds
    },

    /** Loads the missing columns and creates the views that a query of these tables sees. */
    async prepareTables(
      needs: readonly TableNeed[],
      expectedBytes: number,
      signal: AbortSignal,
      onProgress: (cost: LoadCost) => void,
    ): Promise<LoadCost> {
      const used = new Set(needs.flatMap(({ scan }) => tables.get(scan.key) ?? []))
      await evictUntilFits(expectedBytes, used)
      let total = ZERO_COST
      for (const need of needs) {
        const entry = tables.get(need.scan.key)
        if (!entry) continue
        const report = (cost: LoadCost) => onProgress(addCosts(total, cost))
        const ids = new Set(entry.columns.map(({ id }) => id))
        const missing = need.columns.filter(({ id }) => !ids.has(id))
        let source = entry.table
        let columns = entry.columns
        if (missing.length > 0) {
          const firstRows =
            need.rowsNeeded === null ? null : await loadFirstRows(need, entry, need.rowsNeeded, signal, report)
          total = addCosts(total, firstRows?.cost ?? (await loadMissing(entry, missing, signal, report)))
          source = firstRows?.into ?? entry.table
          columns = firstRows ? need.columns : entry.columns
        }
        if (source === null && entry.rowCount === null) {
          const counted = await countRows(need.scan, decoder, signal, report)
          entry.rowCount = counted.rowCount
          total = addCosts(total, counted.cost)
        }
        const from = source === null ? `range(${entry.rowCount})` : `held.${quoteIdentifier(source)}`
        // Whole row groups are loaded: without a limit, a column that was loaded later could have more rows.
        const limit = need.scan.sample ? ` LIMIT ${need.scan.sample.maxRows}` : ''
        await engine.query(
          `CREATE OR REPLACE VIEW lake.${quoteIdentifier(entry.localName)} AS SELECT ${viewColumns(need.scan.fields, columns)} FROM ${from}${limit}`,
        )
      }
      return total
    },

    /** Drops rows that were loaded for one query only. */
    async release(needs: readonly TableNeed[]): Promise<void> {
      if (!engine.isRunning) return
      for (const { scan, rowsNeeded } of needs) {
        const entry = tables.get(scan.key)
        const isLive = scan.metadataRows?.live !== undefined
        if (!entry || (rowsNeeded === null && !isLive)) continue
        entry.firstRowsBounds = undefined
        await engine.query(`DROP VIEW IF EXISTS lake.${quoteIdentifier(entry.localName)}`)
        await drop(`${entry.localName} front`)
        if (!isLive) continue
        if (entry.table !== null) await drop(entry.table)
        Object.assign(entry, { table: null, columns: [], bytes: 0, rowCount: null })
        if (!entry.hasOwnName) tables.delete(scan.key)
      }
    },
  }
}

export type TableCache = ReturnType<typeof createTableCache>

function columnList(fields: readonly NestedField[]): string {
  return fields.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbType(type)}`).join(', ')
}

function viewColumns(fields: readonly NestedField[], loaded: readonly NestedField[]): string {
  const ids = new Set(loaded.map(({ id }) => id))
  return fields
    .map(({ id, name, type }) => {
      const quoted = quoteIdentifier(name)
      if (ids.has(id)) return quoted
      return `error(${quoteString(`${NOT_LOADED_MESSAGE} ${name}`)})::${duckdbType(type)} AS ${quoted}`
    })
    .join(', ')
}

function addCosts(a: LoadCost, b: LoadCost): LoadCost {
  return {
    filesRead: a.filesRead + b.filesRead,
    readBytes: a.readBytes + b.readBytes,
    decodedBytes: a.decodedBytes + b.decodedBytes,
    rowCount: a.rowCount + b.rowCount,
    fetchMs: a.fetchMs + b.fetchMs,
    decodeMs: a.decodeMs + b.decodeMs,
    insertMs: a.insertMs + b.insertMs,
  }
}
