import type { NestedField } from '@/lib/iceberg/types'
import { duckdbType } from '@/lib/query/duckdb-type'
import { quoteIdentifier, quoteString } from '@/lib/query/quote-identifier'
import type { Decoder } from './decoder'
import type { Engine } from './engine'
import { createFooters } from './footers'
import { type LoadCost, loadColumns, NO_LOAD } from './load-columns'
import type { TableScan } from './table-scan'

/** Begins the failure of a query that reads a column nobody loaded; see {@link createHeldTables}. */
export const NOT_LOADED = 'lakeshore: not loaded'

type Held = {
  /** How queries name it, in `shadow` and in `lake`. */
  local: string
  scan: TableScan
  /** Table of schema `held` with the loaded columns, or null before the first. */
  table: string | null
  columns: readonly NestedField[]
  bytes: number
}

/** What a query needs of one table. */
export type Needs = {
  scan: TableScan
  columns: readonly NestedField[]
  /** The first so many rows are enough; null for all. */
  rowsNeeded: number | null
}

/**
 * Tables as DuckDB has them: per snapshot an empty `shadow` with all columns, for plans, and of the columns that
 * queries needed so far the rows, kept up to a limit and dropped in the order of their last use.
 *
 * Queries see a view with every column of the table. Columns that are not loaded are an `error()` there: DuckDB leaves
 * unused columns out, so it is never reached; were a plan to need more than was thought, the query fails and is run
 * again with all columns (see `session`), and no wrong value is shown.
 */
export function createHeldTables(engine: Engine, decoder: Decoder, { limitBytes }: { limitBytes: number }) {
  const held = new Map<string, Held>()
  const footers = createFooters(decoder)
  let lastNumber = 0

  const create = (schema: string, name: string, fields: readonly NestedField[]) =>
    engine.query(`CREATE TABLE ${schema}.${quoteIdentifier(name)} (${columnList(fields)})`)
  const drop = (name: string) => engine.query(`DROP TABLE IF EXISTS held.${quoteIdentifier(name)}`)

  /** Keeps what is used now, drops the rest, oldest first, until `bytes` more fit. */
  async function makeRoom(bytes: number, used: ReadonlySet<Held>) {
    let total = bytes
    for (const entry of held.values()) total += entry.bytes
    for (const entry of held.values()) {
      if (total <= limitBytes) return
      if (used.has(entry) || entry.table === null) continue
      await drop(entry.table)
      total -= entry.bytes
      Object.assign(entry, { table: null, columns: [], bytes: 0 })
    }
  }

  async function loadMissing(
    entry: Held,
    missing: readonly NestedField[],
    signal: AbortSignal,
    onProgress: (cost: LoadCost) => void,
  ): Promise<LoadCost> {
    const into = `${entry.local} ${++lastNumber}`
    const others = [...held.values()].reduce((sum, other) => sum + (other === entry ? 0 : other.bytes), 0)
    await create('held', into, missing)
    try {
      const order = {
        scan: entry.scan,
        fields: missing,
        into,
        rowsNeeded: Number.POSITIVE_INFINITY,
        limitBytes: limitBytes - Math.min(others, limitBytes / 2) - entry.bytes,
      }
      const cost = await loadColumns(order, { engine, decoder, footers }, signal, onProgress)
      const before = entry.table
      if (before !== null) {
        const startedAt = performance.now()
        // Rows of both are in the order of the table: their columns are put side by side.
        const joined = `${entry.local} ${++lastNumber}`
        await engine.query(
          `CREATE TABLE held.${quoteIdentifier(joined)} AS SELECT * FROM held.${quoteIdentifier(before)} POSITIONAL JOIN held.${quoteIdentifier(into)}`,
        )
        await drop(before)
        await drop(into)
        entry.table = joined
        cost.insertMs += performance.now() - startedAt
      } else entry.table = into
      entry.columns = [...entry.columns, ...missing]
      entry.bytes += cost.decodedBytes
      return cost
    } catch (error) {
      if (engine.isRunning && entry.table !== into) await drop(into)
      throw error
    }
  }

  async function loadFront(
    { scan, columns }: Needs,
    entry: Held,
    rowsNeeded: number,
    signal: AbortSignal,
    onProgress: (cost: LoadCost) => void,
  ) {
    const into = `${entry.local} front`
    await drop(into)
    await create('held', into, columns)
    const order = { scan, fields: columns, into, rowsNeeded, limitBytes }
    return { into, cost: await loadColumns(order, { engine, decoder, footers }, signal, onProgress) }
  }

  return {
    footers,

    /** The local name of a table, whose empty shadow is there from now on. */
    async nameOf(scan: TableScan): Promise<string> {
      const known = held.get(scan.key)
      if (known) {
        // Last used, and with addresses that are still good.
        held.delete(scan.key)
        held.set(scan.key, { ...known, scan })
        return known.local
      }
      // No name of a query: a common table expression of that name would shadow it.
      const local = `lakeshore table ${held.size + 1}`
      await create('shadow', local, scan.fields)
      held.set(scan.key, { local, scan, table: null, columns: [], bytes: 0 })
      return local
    },

    /** Columns of a table that are loaded already. */
    loadedColumns(scan: TableScan): readonly NestedField[] {
      return held.get(scan.key)?.columns ?? []
    },

    /** Loads what is missing and puts the views in place that a query of these tables sees. */
    async present(
      needs: readonly Needs[],
      expectedBytes: number,
      signal: AbortSignal,
      onProgress: (cost: LoadCost) => void,
    ): Promise<LoadCost> {
      const used = new Set(needs.flatMap(({ scan }) => held.get(scan.key) ?? []))
      await makeRoom(expectedBytes, used)
      let total = NO_LOAD
      for (const need of needs) {
        const entry = held.get(need.scan.key)
        if (!entry) continue
        const report = (cost: LoadCost) => onProgress(addCosts(total, cost))
        const ids = new Set(entry.columns.map(({ id }) => id))
        const missing = need.columns.filter(({ id }) => !ids.has(id))
        let source = entry.table
        let columns = entry.columns
        if (missing.length > 0) {
          const front = need.rowsNeeded === null ? null : await loadFront(need, entry, need.rowsNeeded, signal, report)
          total = addCosts(total, front?.cost ?? (await loadMissing(entry, missing, signal, report)))
          source = front?.into ?? entry.table
          columns = front ? need.columns : entry.columns
        }
        const from = source === null ? `range(${need.scan.rowCount})` : `held.${quoteIdentifier(source)}`
        await engine.query(
          `CREATE OR REPLACE VIEW lake.${quoteIdentifier(entry.local)} AS SELECT ${viewColumns(need.scan.fields, columns)} FROM ${from}`,
        )
      }
      return total
    },

    /** Drops what was loaded for one query only. */
    async release(needs: readonly Needs[]): Promise<void> {
      if (!engine.isRunning) return
      for (const { scan, rowsNeeded } of needs) {
        const entry = held.get(scan.key)
        if (!entry || rowsNeeded === null) continue
        await engine.query(`DROP VIEW IF EXISTS lake.${quoteIdentifier(entry.local)}`)
        await drop(`${entry.local} front`)
      }
    },
  }
}

export type HeldTables = ReturnType<typeof createHeldTables>

function columnList(fields: readonly NestedField[]): string {
  return fields.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbType(type)}`).join(', ')
}

function viewColumns(fields: readonly NestedField[], loaded: readonly NestedField[]): string {
  const ids = new Set(loaded.map(({ id }) => id))
  return fields
    .map(({ id, name, type }) => {
      const quoted = quoteIdentifier(name)
      if (ids.has(id)) return quoted
      return `error(${quoteString(`${NOT_LOADED} ${name}`)})::${duckdbType(type)} AS ${quoted}`
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
