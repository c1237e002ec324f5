import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { COPY_MARK, requireKnownMigrations } from '../newer-version'
import { MIGRATION_NAMES } from '../migrations'
import { COPIED_TABLES, type CopiedTable, MIGRATIONS_TABLE } from './copied-tables'
import { findUnholdable, type Unholdable } from './postgres-limits'
import { RowDigest, type TableDigest } from './row-digest'
import type { Column, CopyRow, StateSide, TargetSide } from './state-side'

/** What a copy does with a table at the moment. `totalRows` is not known while the source is read for the first time. */
export type CopyProgress = { step: 'read' | 'copy' | 'compare'; table: string; rows: number; totalRows: number | null }
export type CopiedDigest = TableDigest & { table: string }

/** `copied`: what both databases hold now. `unholdable`: nothing was done, since the target cannot hold these values. */
export type CopyOutcome =
  | { kind: 'copied'; tables: CopiedDigest[] }
  | { kind: 'unholdable'; values: Unholdable[]; count: number }

const MAX_LISTED = 200

type Options = { signal: AbortSignal; onProgress: (progress: CopyProgress) => void }
type Source = { columns: Column[]; digest: TableDigest }

/**
 * Copies all tables of one database into another, which is unused, or in which the same copy was begun. It may be killed
 * at any moment: started again, it goes on behind the last row that the target has. In the end both are read whole and
 * compared.
 *
 * @throws {AppError} already-exists for a target that is used, changed-meanwhile where another copy was begun in it,
 *   internal for a difference, cancelled
 */
export async function copyState(source: StateSide, target: TargetSide, options: Options): Promise<CopyOutcome> {
  await requireThisVersion(source)
  const before = await target.readState()
  if (before.kind === 'used') throw used(target, before.table)
  const values: Unholdable[] = []
  let count = 0
  const read = new Map<CopiedTable, Source>()
  for (const table of [...COPIED_TABLES, MIGRATIONS_TABLE]) {
    const columns = await source.readColumns(table)
    const digest = await digestOf(source, table, columns, {
      ...options,
      step: 'read',
      onRow: async (row) => {
        if (target.kind !== 'postgres') return
        for (const value of await findUnholdable(source, table, columns, row)) {
          count += 1
          if (values.length < MAX_LISTED) values.push(value)
        }
      },
    })
    read.set(table, { columns, digest })
  }
  if (count > 0) return { kind: 'unholdable', values, count }
  await begin(target, before, markOf(read))
  for (const [table, { columns }] of read) await requireSameColumns(target, table, columns)
  const tables: CopiedDigest[] = []
  for (const [table, { columns, digest }] of read) {
    if (table === MIGRATIONS_TABLE) await finish(source, target, columns)
    else await copyTable(source, target, table, { columns, totalRows: digest.rowCount, ...options })
    const copied = await digestOf(target, table, columns, { ...options, step: 'compare', totalRows: digest.rowCount })
    requireEqual(table, digest, copied)
    tables.push({ table: table.name, ...copied })
  }
  return { kind: 'copied', tables }
}

/** The target is made by this version, so the source has to be of the same. */
async function requireThisVersion(source: StateSide): Promise<void> {
  const columns = await source.readColumns(MIGRATIONS_TABLE)
  if (columns.length === 0)
    throw new AppError('not-found', `${source.name} is no database of Lakeshore. Nothing was changed.`)
  const names = new Set<string>()
  const place = columns.findIndex(({ name }) => name === 'name')
  for await (const rows of source.readRows(MIGRATIONS_TABLE, columns))
    for (const row of rows) names.add(String(row[place]))
  requireKnownMigrations(names)
  if (MIGRATION_NAMES.every((name) => names.has(name))) return
  throw new AppError(
    'database-unavailable',
    `${source.name} is of an older version. Start this version of Lakeshore on it once, stop it, and start the copy again. Nothing was changed.`,
  )
}

async function begin(
  target: TargetSide,
  before: { kind: 'unused' } | { kind: 'begun'; mark: string },
  mark: string,
): Promise<void> {
  if (before.kind === 'unused') {
    await target.prepare()
    const now = await target.readState()
    if (now.kind !== 'unused') throw used(target, now.kind === 'used' ? now.table : MIGRATIONS_TABLE.name)
    return target.mark(mark)
  }
  if (before.mark === mark) return
  throw new AppError(
    'changed-meanwhile',
    `A copy was begun in ${target.name}, of another database or of this one before it changed. Empty the target (${howToEmpty(target)}) and start the copy again. Nothing was changed.`,
  )
}

async function copyTable(
  source: StateSide,
  target: TargetSide,
  table: CopiedTable,
  { columns, totalRows, signal, onProgress }: Options & { columns: Column[]; totalRows: number },
): Promise<void> {
  let rows = 0
  for await (const batch of source.readRows(table, columns, await target.readLastKey(table, columns))) {
    requireGoingOn(signal)
    await target.insert(table, columns, batch)
    rows += batch.length
    onProgress({ step: 'copy', table: table.name, rows, totalRows })
  }
}

/** With its migrations the target becomes a database that Lakeshore opens: all other tables were compared before. */
async function finish(source: StateSide, target: TargetSide, columns: Column[]): Promise<void> {
  const migrations: CopyRow[] = []
  for await (const rows of source.readRows(MIGRATIONS_TABLE, columns)) migrations.push(...rows)
  await target.finish(columns, migrations)
}

async function digestOf(
  side: StateSide,
  table: CopiedTable,
  columns: readonly Column[],
  {
    step,
    totalRows = null,
    onRow,
    signal,
    onProgress,
  }: Options & { step: CopyProgress['step']; totalRows?: number | null; onRow?: (row: CopyRow) => Promise<void> },
): Promise<TableDigest> {
  const digest = new RowDigest(columns)
  let rows = 0
  for await (const batch of side.readRows(table, columns)) {
    requireGoingOn(signal)
    for (const row of batch) {
      digest.add(row)
      await onRow?.(row)
    }
    rows += batch.length
    onProgress({ step, table: table.name, rows, totalRows })
  }
  return digest.end()
}

async function requireSameColumns(target: StateSide, table: CopiedTable, columns: readonly Column[]): Promise<void> {
  const there = await target.readColumns(table)
  if (textOf(there) === textOf(columns)) return
  throw new AppError(
    'not-supported',
    `The table ${table.name} has other columns in ${target.name} (${textOf(there)}) than in the source (${textOf(columns)}).`,
  )
}

function textOf(columns: readonly Column[]): string {
  return columns.map(({ name, kind }) => `${name} ${kind}`).join(', ')
}

function requireEqual(table: CopiedTable, source: TableDigest, target: TableDigest): void {
  if (source.rowCount === target.rowCount && source.sha256 === target.sha256) return
  throw new AppError(
    'internal',
    `The table ${table.name} is not the same in both: ${source.rowCount} rows with digest ${source.sha256} in the source, ${target.rowCount} with ${target.sha256} in the target. Do not use the target.`,
  )
}

/** Names what is copied, so that another copy is not taken for this one. */
function markOf(read: ReadonlyMap<CopiedTable, Source>): string {
  const text = [...read].map(([{ name }, { digest }]) => `${name} ${digest.rowCount} ${digest.sha256}`).join('\n')
  return `${COPY_MARK}${createHash('sha256').update(text).digest('hex')}`
}

function used(target: TargetSide, table: string): AppError {
  return new AppError(
    'already-exists',
    `${target.name} is in use: its table ${table} has rows. A copy needs an empty target (${howToEmpty(target)}). Nothing was changed.`,
  )
}

function howToEmpty({ kind }: TargetSide): string {
  return kind === 'postgres' ? 'DROP SCHEMA … CASCADE' : 'move lakeshore.db with its -wal and -shm away'
}

function requireGoingOn(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new AppError('cancelled', 'The copy was stopped. Start the same command again: it goes on where it ended.')
}
