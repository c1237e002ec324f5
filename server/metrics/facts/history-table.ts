import 'server-only'
import type { z } from 'zod'
import type { getHistoryTable } from '@/lib/contract/facts/history-tables'
import { MAX_HISTORY_ROWS } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { type HistoryOrder, type HistoryTableName, historyTableLabel } from '@/lib/facts/history-table-names'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { BoundPredicate, Predicate } from '@/lib/scan/predicate/predicate'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { toFields } from '@/server/db/facts/history-tables/history-column'
import { chooseOwners, readHistoryOwners } from '@/server/db/facts/history-tables/history-owners'
import { countHistoryRows, type HistoryCount, readHistoryPage } from '@/server/db/facts/history-tables/history-rows'
import type { HistoryPosition, HistorySelection } from '@/server/db/facts/history-tables/history-slices'
import { HISTORY_TABLES } from '@/server/db/facts/history-tables/history-tables'

/** The collected history as tables that SQL reads, without the tables that the actor may not read. */

/** @property predicate null: all rows */
type HistoryRequest = { name: HistoryTableName; predicate: Predicate | null }

type RowCounting = 'facts' | 'estimated' | 'exact'

/** How long the rows of an estimate are counted. */
const ESTIMATE_MS = 1_500

/** @throws {AppError} invalid-request for a filter that does not fit the columns */
export async function describeHistoryTable(
  { database }: { database: Database },
  actor: Actor,
  { name, predicate, rowCount }: HistoryRequest & { rowCount: RowCounting },
): Promise<z.output<typeof getHistoryTable.output>> {
  const fields = toFields(HISTORY_TABLES[name].columns)
  const selection = await select(database, actor, { name, predicate, fields })
  return {
    fields,
    timeColumn: HISTORY_TABLES[name].isByTime ? HISTORY_TABLES[name].timeColumn : null,
    ...(await countRows(database, selection, rowCount)),
    maxRows: MAX_HISTORY_ROWS,
  }
}

type HistoryRows = { fields: NestedField[]; rows: (Value | null)[][]; next: string | null }

/** @throws {AppError} invalid-request for an unknown column, a filter that does not fit, and the end of another page */
export async function readHistoryTable(
  { database }: { database: Database },
  actor: Actor,
  {
    columns: names,
    order,
    limit,
    after,
    ...request
  }: HistoryRequest & { columns: string; order: HistoryOrder; limit: number; after?: string | undefined },
): Promise<HistoryRows> {
  const { columns } = HISTORY_TABLES[request.name]
  const fields = toFields(columns)
  if (order !== 'any' && !HISTORY_TABLES[request.name].isByTime)
    throw new AppError('invalid-request', `The rows of ${historyTableLabel(request.name)} are not ordered by time.`)
  const selection = await select(database, actor, { ...request, fields })
  const requested = names.split(',').map((name) => {
    const index = columns.findIndex((column) => column.name === name)
    const [column, field] = [columns[index], fields[index]]
    if (column && field) return { column, field }
    throw new AppError('invalid-request', `${historyTableLabel(request.name)} has no column ${name}.`, {
      facts: { column: name },
    })
  })
  const page = await readHistoryPage(database, selection, {
    columns: requested.map(({ column }) => column),
    order,
    after: after === undefined ? null : parsePosition(after),
    limit,
  })
  return {
    fields: requested.map(({ field }) => field),
    rows: page.rows,
    next: page.next && writePosition(page.next),
  }
}

/** The tables that the actor may read and that may have a row of the filter. */
async function select(
  database: Database,
  actor: Actor,
  { name, predicate: unbound, fields }: HistoryRequest & { fields: readonly NestedField[] },
): Promise<HistorySelection> {
  const predicate: BoundPredicate = unbound === null ? { kind: 'true' } : bindPredicate(unbound, { fields })
  const all = await readHistoryOwners(database)
  const permitted = all.filter(({ table }) => isPermitted(actor, 'table:read', table))
  const owners = chooseOwners(permitted, name, predicate)
  return { name, owners, areMost: owners.length * 2 > all.length, predicate }
}

async function countRows(
  database: Database,
  selection: HistorySelection,
  counting: RowCounting,
): Promise<HistoryCount> {
  if (counting === 'exact') return await countHistoryRows(database, selection, NO_LIMITS)
  if (counting === 'estimated')
    return await countHistoryRows(database, selection, { limit: MAX_HISTORY_ROWS, timeoutMs: ESTIMATE_MS })
  return { rowCount: selection.owners.reduce((sum, { factCount }) => sum + factCount, 0), isExact: false }
}

const NO_LIMITS = { limit: Number.POSITIVE_INFINITY, timeoutMs: Number.POSITIVE_INFINITY }

function writePosition(position: HistoryPosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function parsePosition(text: string): HistoryPosition {
  try {
    const position: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (isPosition(position)) return position
  } catch {
    // Not JSON: refused below.
  }
  throw new AppError('invalid-request', '`after` is not the end of a page.')
}

function isPosition(value: unknown): value is HistoryPosition {
  return Array.isArray(value) && value.every((part) => typeof part === 'string' || Number.isSafeInteger(part))
}
