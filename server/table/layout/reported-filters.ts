import 'server-only'
import { type LayoutSimulation, MAX_FILTER_COLUMNS } from '@/lib/contract/table/layout'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readScanReports } from '@/server/db/catalog/metrics-reports'
import type { Database } from '@/server/db/database'

const MAX_REPORTS = 500

/**
 * The recent filters of engines, and the number of data files that their scans read. An unreadable report has no
 * filter.
 */
export async function readReportedFilters(
  database: Database,
  table: TableIdentifier,
  takeTurns: () => Promise<void> | null,
): Promise<LayoutSimulation['scans']> {
  const reports = await readScanReports(database, table, MAX_REPORTS)
  const columns = new Map<string, { scanCount: number; filesRead: number; measuredCount: number }>()
  for (const text of reports) {
    const { names, filesRead } = readReport(text)
    for (const name of names) {
      const column = columns.get(name) ?? { scanCount: 0, filesRead: 0, measuredCount: 0 }
      columns.set(name, column)
      column.scanCount += 1
      column.filesRead += filesRead ?? 0
      column.measuredCount += Number(filesRead !== null)
    }
    await takeTurns()
  }
  return {
    reportCount: reports.length,
    columns: [...columns]
      .map(([column, { scanCount, filesRead, measuredCount }]) => ({
        column,
        scanCount,
        averageFilesRead: measuredCount === 0 ? null : filesRead / measuredCount,
      }))
      .toSorted((a, b) => b.scanCount - a.scanCount || (a.column < b.column ? -1 : 1))
      .slice(0, MAX_FILTER_COLUMNS),
  }
}

function readReport(text: string): { names: ReadonlySet<string>; filesRead: number | null } {
  const names = new Set<string>()
  let report: Json
  try {
    report = parseExactJson(text)
  } catch (error) {
    if (error instanceof AppError) return { names, filesRead: null }
    throw error
  }
  if (!isJsonObject(report)) return { names, filesRead: null }
  collectNames(report['filter'] ?? null, names)
  const metrics = report['metrics'] ?? null
  const counter = isJsonObject(metrics) ? (metrics['result-data-files'] ?? null) : null
  const value = isJsonObject(counter) ? counter['value'] : null
  return { names, filesRead: typeof value === 'number' && value >= 0 ? value : null }
}

const MAX_NAME_CHARS = 200
/** The members of expressions in which others are. */
const PARTS = ['left', 'right', 'child', 'term', 'arguments']

/**
 * Names of columns in an expression of Iceberg's REST catalog, in its current and its deprecated form: a reference has a
 * name, a term may be one.
 */
function collectNames(expression: Json, names: Set<string>): void {
  if (Array.isArray(expression)) for (const item of expression as readonly Json[]) collectNames(item, names)
  if (!isJsonObject(expression)) return
  const { type, name, term } = expression
  for (const text of [term, type === 'reference' ? name : null]) {
    if (typeof text === 'string') names.add(text.slice(0, MAX_NAME_CHARS))
  }
  for (const part of PARTS) collectNames(expression[part] ?? null, names)
}
