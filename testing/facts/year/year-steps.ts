import type { LakeOfAYear } from './lake-of-a-year'
import { countRows, type RowRange, type RowVersion, type TableOfRows } from './table-of-rows'

/** Steps of a year, chosen at random among those that the state of a table allows. */

type Random = (limit: number) => number

export const DAY_MS = 86_400_000
const CODECS = ['zstd', 'gzip', 'snappy'] as const
/** More often than others come those that are named more often. */
const KINDS = [
  'append',
  'append',
  'append',
  'append',
  'load',
  'load',
  'delete',
  'delete',
  'delete-files',
  'overwrite',
  'overwrite',
  'overwrite-all',
  'rewrite',
  'roll-back',
  'roll-back',
  'return',
  'return',
  'branch',
  'branch',
  'add-column',
  'drop',
] as const
const BRANCH_KINDS = ['append-to-branch', 'delete-from-branch', 'publish'] as const
export const STEP_KINDS = [...new Set(KINDS), ...BRANCH_KINDS, 'restore'] as const
export type StepKind = (typeof STEP_KINDS)[number]

/** Times in order; some are the first or the last millisecond of a day in UTC. */
export function chooseTimes(
  random: Random,
  { startMs, days, count }: { startMs: number; days: number; count: number },
) {
  const times = new Set<number>()
  while (times.size < count) {
    const dayMs = startMs + random(days) * DAY_MS
    const edge = random(10)
    const inDay = edge === 0 ? 0 : edge === 1 ? DAY_MS - 1 : random(DAY_MS)
    times.add(dayMs + inDay)
  }
  return [...times].sort((a, b) => a - b)
}

/** Takes a step of a table. @returns its kind */
export async function takeStep(lake: LakeOfAYear, table: TableOfRows, random: Random): Promise<StepKind> {
  for (;;) {
    const kind = chooseKind(table, random)
    if (await tryStep(lake, table, kind, random)) return kind
  }
}

function chooseKind(table: TableOfRows, random: Random): StepKind {
  if (table.isDropped) return 'restore'
  if (table.main === null) return 'append'
  if (table.branch !== null) return BRANCH_KINDS[random(3)] ?? 'publish'
  return KINDS[random(KINDS.length)] ?? 'append'
}

/** @returns false if the table does not allow it now */
async function tryStep(lake: LakeOfAYear, table: TableOfRows, kind: StepKind, random: Random): Promise<boolean> {
  const count = 1 + random(400)
  switch (kind) {
    case 'append':
      await lake.append(table, count)
      return true
    case 'load':
      await lake.append(table, count, { ours: true })
      return true
    case 'append-to-branch':
      await lake.append(table, count, { onBranch: true })
      return true
    case 'delete-from-branch':
      return withRange(chooseRows(table.branch, random), (gone) => lake.delete(table, gone, true))
    case 'delete':
      return withRange(chooseRows(table.main, random), (gone) => lake.delete(table, gone))
    case 'delete-files':
      return withRange(chooseFile(table.main, random), (gone) => lake.delete(table, gone))
    case 'overwrite':
      return withRange(chooseRows(table.main, random), (gone) => lake.overwrite(table, gone, count))
    case 'overwrite-all':
      return withRange(countRows(table.main) > 0 ? { from: 0, to: table.nextRow } : null, (gone) =>
        lake.overwrite(table, gone, count),
      )
    case 'rewrite':
      await lake.rewrite(table, CODECS[(CODECS.indexOf(table.codec as 'zstd') + 1 + random(2)) % 3] ?? 'zstd')
      return true
    case 'roll-back':
      return withVersion(choose(table.line.slice(1, 6).filter(isAlive), random), (to) => lake.rollBack(table, to))
    case 'return':
      return withVersion(choose(table.leftTips.filter(isAlive), random), (to) => lake.moveMain(table, to))
    case 'branch':
      await lake.createBranch(table)
      return true
    case 'publish':
      if (table.branch === table.main) return false
      await lake.publishBranch(table)
      return true
    case 'add-column':
      await lake.addColumn(table)
      return true
    case 'drop':
      await lake.drop(table)
      return true
    case 'restore':
      await lake.restore(table)
      return true
  }
}

/** Some rows of a file, and perhaps of those that were written next. */
function chooseRows(version: RowVersion | null, random: Random): RowRange | null {
  const file = choose(version?.files ?? [], random)
  const from = file?.rows[random(file.rows.length)]
  return from === undefined ? null : { from, to: from + 1 + random(300) }
}

function chooseFile(version: RowVersion | null, random: Random): RowRange | null {
  const rows = choose(version?.files ?? [], random)?.rows
  const [from, last] = [rows?.[0], rows?.at(-1)]
  return from === undefined || last === undefined ? null : { from, to: last + 1 }
}

function choose<Value>(values: readonly Value[], random: Random): Value | null {
  return values.length === 0 ? null : (values[random(values.length)] ?? null)
}

function isAlive({ isExpired }: RowVersion): boolean {
  return !isExpired
}

async function withRange(range: RowRange | null, work: (range: RowRange) => Promise<void>): Promise<boolean> {
  if (range !== null) await work(range)
  return range !== null
}

async function withVersion(version: RowVersion | null, work: (version: RowVersion) => Promise<void>): Promise<boolean> {
  if (version !== null) await work(version)
  return version !== null
}
