import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { COPY_MARK, requireKnownMigrations } from '../known-migrations'
import { migrationNames } from '../migrations'
import { COPIED_TABLES, type CopiedTable, MIGRATIONS_TABLE } from '../copied-tables'
import { findUnsupportedValues, type UnsupportedValue } from './postgres-limits'
import { RowDigest, type TableDigest } from './row-digest'
import type { Column, CopyRow, CopyEndpoint, CopyTarget } from './copy-endpoint'

/** The step of a copy for one table. `totalRows` is unknown while the source is read for the first time. */
export type CopyProgress = { step: 'read' | 'copy' | 'compare'; table: string; rows: number; totalRows: number | null }
export type CopiedDigest = TableDigest & { table: string }

/**
 * `copied`: the content of both databases now. `unholdable`: the copy did not start, because the target cannot store
 * these values.
 */
export type CopyOutcome =
  | { kind: 'copied'; tables: CopiedDigest[] }
  | { kind: 'unholdable'; values: UnsupportedValue[]; count: number }

const MAX_LISTED = 200

type CopyOptions = { signal: AbortSignal; onProgress: (progress: CopyProgress) => void }
type SourceTable = { columns: Column[]; digest: TableDigest }

/**
 * Copies all tables of one database into another, which is unused or has an unfinished copy of the same database. It
 * may be killed at any moment: started again, it resumes after the last row that the target has. At the end both
 * databases are read completely and compared.
 *
 * @throws {AppError} already-exists for a target that is in use, version-conflict when another copy was started in it,
 *   internal for a difference, cancelled
 */
export async function copyState(source: CopyEndpoint, target: CopyTarget, options: CopyOptions): Promise<CopyOutcome> {
  await requireSameVersion(source)
  const state = await target.readState()
  if (state.kind === 'used') throw targetUsedError(target, state.table)
  const values: UnsupportedValue[] = []
  let count = 0
  const sourceTables = new Map<CopiedTable, SourceTable>()
  for (const table of [...COPIED_TABLES, MIGRATIONS_TABLE]) {
    const columns = await source.readColumns(table)
    const digest = await computeDigest(source, table, columns, {
      ...options,
      step: 'read',
      onRow: async (row) => {
        if (target.kind !== 'postgres') return
        for (const value of await findUnsupportedValues(source, table, columns, row)) {
          count += 1
          if (values.length < MAX_LISTED) values.push(value)
        }
      },
    })
    sourceTables.set(table, { columns, digest })
  }
  if (count > 0) return { kind: 'unholdable', values, count }
  await beginCopy(target, state, copyMark(sourceTables))
  for (const [table, { columns }] of sourceTables) await requireSameColumns(target, table, columns)
  const tables: CopiedDigest[] = []
  for (const [table, { columns, digest }] of sourceTables) {
    if (table === MIGRATIONS_TABLE) await finishCopy(source, target, columns)
    else await copyTable(source, target, table, { columns, totalRows: digest.rowCount, ...options })
    const copied = await computeDigest(target, table, columns, {
      ...options,
      step: 'compare',
      totalRows: digest.rowCount,
    })
    requireEqual(table, digest, copied)
    tables.push({ table: table.name, ...copied })
  }
  return { kind: 'copied', tables }
}

/** The target gets the tables of this version, so the source has to have the same version. */
async function requireSameVersion(source: CopyEndpoint): Promise<void> {
  const columns = await source.readColumns(MIGRATIONS_TABLE)
  if (columns.length === 0)
    throw new AppError('not-found', `${source.name} is not a Lakeshore database. Nothing was changed.`)
  const names = new Set<string>()
  const nameIndex = columns.findIndex(({ name }) => name === 'name')
  for await (const rows of source.readRows(MIGRATIONS_TABLE, columns))
    for (const row of rows) names.add(String(row[nameIndex]))
  requireKnownMigrations(names)
  if (migrationNames().every((name) => names.has(name))) return
  throw new AppError(
    'database-unavailable',
    `${source.name} was written by an older version. Nothing was changed. Start this version of Lakeshore on it once, stop it, and start the copy again.`,
  )
}

async function beginCopy(
  target: CopyTarget,
  state: { kind: 'unused' } | { kind: 'begun'; mark: string },
  mark: string,
): Promise<void> {
  if (state.kind === 'unused') {
    await target.prepare()
    const current = await target.readState()
    if (current.kind !== 'unused')
      throw targetUsedError(target, current.kind === 'used' ? current.table : MIGRATIONS_TABLE.name)
    return target.writeMark(mark)
  }
  if (state.mark === mark) return
  throw new AppError(
    'version-conflict',
    `${target.name} has an unfinished copy of another database, or of this one before it changed. Nothing was changed. Empty the target (${emptyingHint(target)}) and start the copy again.`,
  )
}

async function copyTable(
  source: CopyEndpoint,
  target: CopyTarget,
  table: CopiedTable,
  { columns, totalRows, signal, onProgress }: CopyOptions & { columns: Column[]; totalRows: number },
): Promise<void> {
  let rows = 0
  for await (const batch of source.readRows(table, columns, await target.readLastKey(table, columns))) {
    throwIfStopped(signal)
    await target.insert(table, columns, batch)
    rows += batch.length
    onProgress({ step: 'copy', table: table.name, rows, totalRows })
  }
}

/**
 * Its migrations make the target a database that Lakeshore opens, so they come last, after all other tables were
 * compared.
 */
async function finishCopy(source: CopyEndpoint, target: CopyTarget, columns: Column[]): Promise<void> {
  const migrations: CopyRow[] = []
  for await (const rows of source.readRows(MIGRATIONS_TABLE, columns)) migrations.push(...rows)
  await target.finish(columns, migrations)
}

async function computeDigest(
  endpoint: CopyEndpoint,
  table: CopiedTable,
  columns: readonly Column[],
  {
    step,
    totalRows = null,
    onRow,
    signal,
    onProgress,
  }: CopyOptions & { step: CopyProgress['step']; totalRows?: number | null; onRow?: (row: CopyRow) => Promise<void> },
): Promise<TableDigest> {
  const digest = new RowDigest(columns)
  let rows = 0
  for await (const batch of endpoint.readRows(table, columns)) {
    throwIfStopped(signal)
    for (const row of batch) {
      digest.add(row)
      await onRow?.(row)
    }
    rows += batch.length
    onProgress({ step, table: table.name, rows, totalRows })
  }
  return digest.end()
}

async function requireSameColumns(target: CopyEndpoint, table: CopiedTable, columns: readonly Column[]): Promise<void> {
  const targetColumns = await target.readColumns(table)
  if (columnsText(targetColumns) === columnsText(columns)) return
  throw new AppError(
    'not-supported',
    `The table ${table.name} has other columns in ${target.name} (${columnsText(targetColumns)}) than in the source (${columnsText(columns)}).`,
  )
}

function columnsText(columns: readonly Column[]): string {
  return columns.map(({ name, kind }) => `${name} ${kind}`).join(', ')
}

function requireEqual(table: CopiedTable, source: TableDigest, target: TableDigest): void {
  if (source.rowCount === target.rowCount && source.sha256 === target.sha256) return
  throw new AppError(
    'internal',
    `The table ${table.name} differs: ${source.rowCount} rows with digest ${source.sha256} in the source, ${target.rowCount} with ${target.sha256} in the target. Do not use the target.`,
  )
}

/** Identifies the copied rows, so that another copy is not mistaken for this one. */
function copyMark(sourceTables: ReadonlyMap<CopiedTable, SourceTable>): string {
  const text = [...sourceTables]
    .map(([{ name }, { digest }]) => `${name} ${digest.rowCount} ${digest.sha256}`)
    .join('\n')
  return `${COPY_MARK}${createHash('sha256').update(text).digest('hex')}`
}

function targetUsedError(target: CopyTarget, table: string): AppError {
  return new AppError(
    'already-exists',
    `${target.name} is in use: its table ${table} has rows. Nothing was changed. A copy needs an empty target (${emptyingHint(target)}).`,
  )
}

function emptyingHint({ kind }: CopyTarget): string {
  return kind === 'postgres' ? 'DROP SCHEMA … CASCADE' : 'move lakeshore.db with its -wal and -shm away'
}

function throwIfStopped(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new AppError('cancelled', 'The copy was stopped. Start the same command again: it resumes where it stopped.')
}
