import fc from 'fast-check'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableModel } from './table-model'

/** Random changes of a table, as writers with good and bad habits commit them. */

/**
 * `stage`: append to the branch `audit`. `move`: set `main` to any snapshot. `empty`: remove `main`. `restore`: write an
 * earlier version again.
 */
const KINDS = [
  'append',
  'overwrite',
  'delete',
  'replace',
  'stage',
  'move',
  'publish',
  'cherry-pick',
  'branch',
  'expire-all',
  'expire-some',
  'replace-table',
  'empty',
  'restore',
  'drop',
  'set-property',
] as const
const USUAL = ['append', 'stage', 'move'] as const
const SUMMARIES = ['right', 'right', 'right', 'none', 'partial', 'wrong', 'huge', 'text'] as const
const YEAR_3000_MS = Date.UTC(3000, 0, 1)

const step = fc.record({
  kind: fc.constantFrom(...KINDS, ...USUAL),
  pick: fc.nat(1000),
  added: fc.nat(1000),
  removedShare: fc.nat(100),
  summary: fc.constantFrom(...SUMMARIES),
  offsetMs: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -40 * 3_600_000, max: 4 * 60_000 }) },
    { weight: 1, arbitrary: fc.constant('year-3000' as const) },
  ),
  /** Whether the version after it is read, and with the metadata of the known one. */
  isRead: fc.boolean(),
  hasBefore: fc.boolean(),
})
export type TableStep = typeof step extends fc.Arbitrary<infer Value> ? Value : never
export const tableSteps = fc.array(step, { minLength: 1, maxLength: 25 })

/** Where `main` moves with a step, without doing it; null: the step commits, or moves it nowhere. */
export function moveOf(table: TableModel, step: TableStep): string | null {
  if (step.kind === 'publish') return table.headOf('audit')
  if (step.kind === 'restore') return restoredVersion(table, step)?.currentSnapshotId ?? null
  return step.kind === 'move' ? pickSnapshot(table, step.pick) : null
}

/** The version that a step writes again; null if it writes none. */
export function restoredVersion({ versions }: TableModel, { kind, pick }: TableStep): TableMetadata | null {
  return kind === 'restore' ? (versions.at(-1 - (pick % 4)) ?? null) : null
}

export function changeTable(table: TableModel, one: TableStep): void {
  const { kind, pick, added, removedShare } = one
  const parent = table.total
  const partOf = (total: number) => Math.floor((total * removedShare) / 100)
  const removed = { rows: partOf(parent.rows), files: partOf(parent.files), bytes: partOf(parent.bytes) }
  const gained = { rows: added, files: 1 + (pick % 3), bytes: added * 10 }
  const options = {
    ...(one.offsetMs !== 0 && {
      statedAtMs: one.offsetMs === 'year-3000' ? YEAR_3000_MS + pick : table.nowMs + one.offsetMs,
    }),
    toSummary: (right: Record<string, string>) => distortSummary(right, one),
  }
  const target = kind === 'restore' ? null : moveOf(table, one)
  if (target !== null) return table.setBranch('main', target)
  switch (kind) {
    case 'append':
      table.commit({ ...options, added: gained })
      return
    case 'overwrite':
      table.commit({ ...options, operation: kind, added: gained, removed })
      return
    case 'delete':
      table.commit({ ...options, operation: kind, added: { deleteFiles: 1, positionDeletes: pick }, removed })
      return
    case 'replace': {
      const written = { rows: Math.max(0, removed.rows - (pick % 5)), files: 1, bytes: removed.bytes }
      table.commit({ ...options, operation: kind, added: written, removed })
      return
    }
    case 'stage':
      table.commit({ ...options, added: gained, branch: 'audit' })
      return
    case 'cherry-pick': {
      const staged = table.headOf('audit')
      if (staged !== null) table.commit({ ...options, added: table.commitOf(staged).added })
      return
    }
    case 'branch': {
      const start = pickSnapshot(table, pick)
      if (start !== null) table.setBranch('audit', start)
      return
    }
    case 'expire-all':
    case 'expire-some': {
      const retained = [table.metadata.currentSnapshotId, table.headOf('audit')]
      const hash = (id: string) => Number(BigInt(id) % 7n) * (pick + 1)
      return table.expire((id) => !retained.includes(id) && (kind === 'expire-all' || hash(id) % 3 === 0))
    }
    case 'replace-table':
      table.commit({ ...options, added: gained, isRoot: true })
      return
    case 'empty':
      return table.empty()
    case 'restore': {
      const earlier = restoredVersion(table, one)
      if (earlier !== null) table.restore(earlier)
      return
    }
    default:
      return table.setProperty('owner', String(pick))
  }
}

function distortSummary(right: Record<string, string>, { summary, pick, added }: TableStep): Record<string, string> {
  const { operation = '', ...counts } = right
  const distort = (toValue: (value: string) => string) => ({
    operation,
    ...Object.fromEntries(
      Object.entries(counts).map(([key, value], index) => [key, (pick >> index) % 2 === 0 ? toValue(value) : value]),
    ),
  })
  switch (summary) {
    case 'right':
      return right
    case 'none':
      return { operation }
    case 'partial':
      return {
        operation,
        ...Object.fromEntries(Object.entries(counts).filter((_, index) => (pick >> index) % 2 === 0)),
      }
    case 'wrong':
      return distort(() => String(added))
    case 'huge':
      return distort(() => String(Number.MAX_SAFE_INTEGER - (added % 3)))
    case 'text':
      return distort(() => ['abc', '-1', String(2 ** 60), ''][pick % 4] ?? '')
  }
}

function pickSnapshot({ metadata: { snapshots } }: TableModel, pick: number): string | null {
  return snapshots[pick % Math.max(1, snapshots.length)]?.snapshotId ?? null
}
