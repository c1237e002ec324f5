import { describe, expect, it } from 'vitest'
import { FactCollector } from '@/testing/facts/fact-collector'
import { TableModel } from '@/testing/facts/table-model'
import type { TableMetadata } from '../iceberg/metadata/table-metadata'
import { ZERO } from './amounts'
import { describeVersion } from './describe-version'
import { EMPTY_HISTORY, foldDrop, foldRestore, foldVersion } from './fold-version'
import { toKnownVersion } from './known-version'

const YEAR_3000_MS = Date.UTC(3000, 0, 1)
const HOUR_MS = 3_600_000

/** A table and its history; `read` adds the version that it has. */
function openHistory(options?: ConstructorParameters<typeof TableModel>[0]) {
  const table = new TableModel(options)
  const collector = new FactCollector()
  let before: TableMetadata | null = null
  const read = () => {
    const folded = collector.read(table.metadata, before, table.nowMs)
    before = table.metadata
    return folded
  }
  return { table, collector, read, forget: () => (before = null) }
}

describe('The rows of a table', () => {
  it('that were rolled back came in and were taken back', () => {
    const { table, collector, read } = openHistory()
    const first = table.commit({ added: { rows: 200_000 } })
    read()
    table.commit({ added: { rows: 50_000 } })
    read()
    table.setBranch('main', first)
    expect(read().events).toMatchObject([{ kind: 'rollback', count: 1, atMs: table.nowMs }])
    expect(collector.sumRecords()).toEqual({ 'came-in': 250_000, 'taken-back': 50_000 })
    expect(collector.state.total.rows).toBe(200_000)
    const [takenBack] = collector.rows.slice(-1)
    expect(takenBack).toMatchObject({
      kind: 'taken-back',
      atMs: table.nowMs,
      enteredAtMs: table.nowMs - HOUR_MS,
      added: { rows: 50_000 },
    })
  })

  it('are put back when main moves forward again, and nothing comes in twice', () => {
    const { table, collector, read } = openHistory()
    const first = table.commit({ added: { rows: 3 } })
    const second = table.commit({ added: { rows: 4 } })
    for (const id of [first, second, first, second]) table.setBranch('main', id)
    read()
    expect(collector.rows.map(({ kind }) => kind).join()).toBe('commit,commit,taken-back,put-back,taken-back,put-back')
    expect(collector.sumRecords()).toEqual({ 'came-in': 7, 'taken-back': 8, 'put-back': 8 })
  })

  it('stay in the sums when all snapshots but the current one expire', () => {
    const { table, collector, read } = openHistory()
    table.commit({ added: { rows: 400_001 } })
    table.commit({ added: { rows: 652_419 } })
    read()
    table.expire((id) => id !== table.metadata.currentSnapshotId)
    expect(read()).toMatchObject({ rows: [], events: [{ kind: 'expiry', count: 1, isAtLeast: false }] })
    expect(collector.sumRecords()).toEqual({ 'came-in': 1_052_420 })
  })

  it('are moved by a rewrite, and only those that it leaves out are removed', () => {
    const { table, collector, read } = openHistory()
    table.commit({ added: { rows: 600_010, files: 20, bytes: 9_000 } })
    table.commit({
      operation: 'replace',
      added: { rows: 600_000, files: 1, bytes: 7_000 },
      removed: { rows: 600_010, files: 20, bytes: 9_000 },
    })
    read()
    expect(collector.sumRecords()).toEqual({ 'came-in': 600_010, moved: 600_000, removed: 10 })
    expect(collector.state.total).toMatchObject({ rows: 600_000, files: 1, bytes: 7_000 })
  })

  it('that an overwrite has in both places are replaced, and the others are new', () => {
    const { table, collector, read } = openHistory()
    table.commit({ added: { rows: 100 } })
    read()
    table.commit({ operation: 'overwrite', added: { rows: 10 }, removed: { rows: 4 } })
    read()
    expect(collector.sumRecords()).toEqual({ 'came-in': 106, replaced: 4 })
  })

  it.each(['a table with rows', 'an empty table'])('on a branch of %s come in when it is published', (start) => {
    const { table, collector, read } = openHistory()
    const own = start === 'an empty table' ? 0 : 10
    if (own > 0) table.commit({ added: { rows: own } })
    read()
    table.commit({ added: { rows: 5 }, branch: 'audit' })
    const head = table.commit({ added: { rows: 7 }, branch: 'audit' })
    read()
    expect(collector.state.total.rows).toBe(own)
    expect(collector.rows.slice(-2)).toMatchObject([
      { kind: 'off-main', branch: 'audit' },
      { kind: 'off-main', branch: 'audit' },
    ])
    table.setBranch('main', head)
    const published = { kind: 'commit', atMs: table.nowMs }
    expect(read().rows).toMatchObject([
      { ...published, added: { rows: 5 } },
      { ...published, added: { rows: 7 } },
    ])
    expect(collector.sumRecords()).toEqual({ 'came-in': own + 12 })
  })

  it('of a replaced table are removed, and put back when main returns to them', () => {
    const { table, collector, read } = openHistory()
    const old = table.commit({ added: { rows: 30 } })
    read()
    table.commit({ added: { rows: 8 }, isRoot: true })
    expect(read().events).toMatchObject([{ kind: 'replaced', fromId: old }])
    table.setBranch('main', old)
    read()
    expect(collector.sumRecords()).toEqual({ 'came-in': 38, removed: 30, 'taken-back': 8, 'put-back': 30 })
    expect(collector.state.total.rows).toBe(30)
  })

  it('are removed when main is, as by CREATE OR REPLACE TABLE, and later ones come in', () => {
    const { table, collector, read } = openHistory()
    const old = table.commit({ added: { rows: 30 } })
    read()
    table.empty()
    expect(read().events).toMatchObject([{ kind: 'replaced', fromId: old, toId: null, atMs: table.nowMs }])
    expect(collector.state.total).toEqual(ZERO)
    table.commit({ added: { rows: 8 }, isRoot: true })
    expect(read().rows.map(({ kind }) => kind)).toEqual(['commit'])
    expect(collector.sumRecords()).toEqual({ 'came-in': 38, removed: 30 })
  })

  it('are known on both sides of a move whose common ancestor has expired', () => {
    const { table, collector, read, forget } = openHistory()
    const base = table.commit({ added: { rows: 100 } })
    const other = table.commit({ added: { rows: 5 }, branch: 'other' })
    table.commit({ added: { rows: 2 } })
    read()
    table.expire((id) => id === base)
    read()
    table.setBranch('main', other)
    forget()
    read()
    expect(collector.sumRecords()).toEqual({ 'came-in': 107, 'taken-back': 2 })
    expect(collector.state.total.rows).toBe(105)
  })

  it('that expired between two readings are not read, and commits that stay on main count once', () => {
    const { table, collector, read, forget } = openHistory()
    const first = table.commit({ added: { rows: 100 } })
    const second = table.commit({ added: { rows: 5 } })
    read()
    const third = table.commit({ added: { rows: 2 } })
    table.setBranch('main', first)
    table.commit({ added: { rows: 1 } })
    table.expire((id) => [second, third].includes(id))
    forget()
    read()
    expect(collector.sumRecords()).toEqual({ 'came-in': 106, 'not-read': -5 })
    expect(collector.rows.find(({ kind }) => kind === 'not-read')).toMatchObject({ reason: 'expired' })
  })

  it.each([
    [1, YEAR_3000_MS],
    [2, undefined],
  ] as const)(
    'of a v%d table come in once when its catalog returns to an earlier version',
    (formatVersion, statedAtMs) => {
      const { table, collector, read } = openHistory({ formatVersion })
      const created = table.metadata
      read()
      table.commit({ added: { rows: 9 }, ...(statedAtMs !== undefined && { statedAtMs }) })
      const later = table.metadata
      for (const version of [later, created, later]) {
        table.restore(version)
        read()
      }
      expect(collector.sumRecords()).toEqual({ 'came-in': 9, removed: 9, 'put-back': 9 })
      expect(collector.state.total.rows).toBe(9)
    },
  )

  it('are put back by a move that was not read in whole', () => {
    const { table, collector, read, forget } = openHistory()
    const first = table.commit({ added: { rows: 100 } })
    const second = table.commit({ added: { rows: 5 } })
    table.setBranch('main', first)
    const third = table.commit({ added: { rows: 2 } })
    read()
    table.setBranch('main', second)
    table.expire((id) => id === third)
    forget()
    read()
    expect(collector.sumRecords()).toEqual({ 'came-in': 107, 'taken-back': 5, 'put-back': 5, 'not-read': -2 })
  })

  it('are removed and put back when the table is dropped and restored', () => {
    const { table, collector, read } = openHistory()
    table.commit({ added: { rows: 9 } })
    read()
    const { rows, events, state } = collector.drop(table.nowMs)
    expect(rows).toMatchObject([{ kind: 'cleared', added: { rows: 0 }, removed: { rows: 9 } }])
    expect([events[0]?.kind, state.total]).toEqual(['dropped', ZERO])
    collector.restore(table.metadata, table.nowMs)
    expect(collector.sumRecords()).toEqual({ 'came-in': 9, removed: 9, 'put-back': 9 })
  })

  it('are never less than none when the table is dropped, even if summaries count too few', () => {
    const { table, collector, read } = openHistory()
    table.commit({ added: { rows: 9 }, toSummary: () => ({ operation: 'append' }) })
    table.commit({
      operation: 'delete',
      removed: { rows: 4 },
      toSummary: () => ({ operation: 'delete', 'deleted-records': '4' }),
    })
    read()
    expect(collector.state.total.rows).toBe(-4)
    collector.drop(table.nowMs)
    expect(collector.sumRecords()).toEqual({ removed: 4, 'not-read': 4 })
    expect(foldDrop(EMPTY_HISTORY, 1).rows).toEqual([])
    expect(foldRestore(EMPTY_HISTORY, ZERO, 1).rows).toEqual([])
  })
})

describe('The time of a row', () => {
  it('is that of the reading when the commit states the year 3000', () => {
    const { table, read } = openHistory()
    table.commit({ added: { rows: 1 }, statedAtMs: YEAR_3000_MS })
    table.setProperty('owner', 'ada')
    const [row] = read().rows
    expect(row).toMatchObject({ kind: 'commit', atMs: table.nowMs, statedAtMs: YEAR_3000_MS })
    table.setProperty('owner', 'bob')
    expect(table.metadata.lastUpdatedMs).toBe(YEAR_3000_MS)
    expect(read().events).toMatchObject([{ kind: 'properties', atMs: table.nowMs }])
  })

  it('is that of the next commit in a first reading, so that later ones keep theirs', () => {
    const { table, read } = openHistory()
    table.commit({ statedAtMs: YEAR_3000_MS })
    table.commit()
    const secondAtMs = table.nowMs
    table.commit()
    const thirdAtMs = table.nowMs
    table.nowMs += 1_000 * HOUR_MS
    expect(read().rows.map(({ atMs, statedAtMs }) => [atMs, statedAtMs])).toEqual([
      [secondAtMs, YEAR_3000_MS],
      [secondAtMs, null],
      [thirdAtMs, null],
    ])
  })

  it('is that of the move when main returns to a commit and there is no log', () => {
    const { table, collector, read } = openHistory({ hasLog: false })
    const first = table.commit()
    const second = table.commit()
    const secondAtMs = table.nowMs
    for (const id of [first, second]) {
      read()
      table.setBranch('main', id)
    }
    expect(read().rows).toMatchObject([{ kind: 'put-back', atMs: table.nowMs, enteredAtMs: secondAtMs }])
    expect(collector.rows.map(({ statedAtMs }) => statedAtMs)).toEqual([null, null, null, null])
  })

  it('is that of the reading on another branch and for a commit that the history no longer has', () => {
    const { table, read } = openHistory()
    const first = table.commit()
    table.commit({ branch: 'audit', statedAtMs: YEAR_3000_MS })
    table.commit({ statedAtMs: YEAR_3000_MS })
    table.setBranch('main', first)
    table.nowMs += HOUR_MS
    expect(read().rows.at(-1)).toMatchObject({ kind: 'off-main', atMs: table.nowMs, statedAtMs: YEAR_3000_MS })
    const before = table.versions.at(-1)
    if (before === undefined) throw new Error('the table has versions')
    const description = describeVersion(toKnownVersion(before), before, table.metadata)
    const { rows } = foldVersion(EMPTY_HISTORY, description, new Map(), table.nowMs)
    expect(rows[0]).toMatchObject({ kind: 'taken-back', enteredAtMs: table.nowMs - HOUR_MS })
  })

  it('is never before the row before, and a commit of another branch does not move it', () => {
    const { table, read } = openHistory()
    table.commit()
    const firstAtMs = table.nowMs
    table.commit({ branch: 'audit', statedAtMs: firstAtMs + 50 * HOUR_MS })
    table.nowMs += 60 * HOUR_MS
    read()
    table.commit({ statedAtMs: firstAtMs - HOUR_MS })
    expect(read().rows).toMatchObject([{ atMs: firstAtMs, statedAtMs: firstAtMs - HOUR_MS }])
  })
})

describe('An amount beyond the range of exact numbers', () => {
  const huge = Number.MAX_SAFE_INTEGER
  const append = (rows: number, total?: number) => ({
    toSummary: () => ({
      operation: 'append',
      'added-records': String(rows),
      ...(total !== undefined && { 'total-records': String(total) }),
    }),
  })

  it('is unknown, and the total stays exact', () => {
    const { table, collector, read } = openHistory()
    table.commit(append(huge))
    table.commit(append(2))
    read()
    expect(collector.rows).toMatchObject([
      { added: { rows: huge } },
      { added: { rows: null }, removed: { rows: null } },
    ])
    expect(collector.sumRecords()).toEqual({ 'came-in': huge })
    expect(collector.state.total.rows).toBe(huge)
  })

  it('is explained by the total of the table where that is known', () => {
    const { table, collector, read } = openHistory()
    table.commit(append(huge))
    table.commit(append(2, huge - 1))
    read()
    expect(collector.sumRecords()).toEqual({ 'came-in': huge, 'not-read': -1 })
    expect(collector.state.total.rows).toBe(huge - 1)
  })

  it('is explained in two parts from far below zero', () => {
    const { table, collector, read } = openHistory()
    table.commit({
      operation: 'delete',
      toSummary: () => ({ operation: 'delete', 'deleted-records': String(huge) }),
    })
    table.commit(append(0, huge))
    read()
    expect(collector.rowsOf('not-read')).toEqual([`+${huge} -0`, `+${huge} -0`])
    expect(collector.state.total.rows).toBe(huge)
  })
})

it('A summary that contradicts its total is explained, and so is one without counts', () => {
  const { table, collector, read } = openHistory()
  table.commit({ added: { rows: 10 } })
  table.commit({ added: { rows: 5 }, toSummary: (right) => ({ ...right, 'added-records': '4' }) })
  table.commit({ added: { rows: 3 }, toSummary: () => ({ operation: 'append' }) })
  table.commit({ added: { rows: 2 } })
  read()
  expect(collector.rows.map(({ kind, reason }) => reason ?? kind).join()).toBe(
    'commit,commit,counts-differ,commit,commit,counts-differ',
  )
  expect(collector.sumRecords()).toEqual({ 'came-in': 16, 'not-read': 4 })
  expect(collector.state.total.rows).toBe(20)
})

it('A first commit has nothing before it, whatever its total says', () => {
  const { table, collector, read } = openHistory()
  table.commit({ added: { rows: 10 }, toSummary: (right) => ({ ...right, 'added-records': '4' }) })
  read()
  expect(collector.rows.map(({ kind, reason }) => reason ?? kind)).toEqual(['commit', 'counts-differ'])
})

it('Counts that contradict their total say nothing about what was before them', () => {
  const { table, collector, read } = openHistory()
  const first = table.commit({ added: { rows: 1 } })
  table.commit({ toSummary: () => ({ operation: 'append', 'added-records': '10', 'total-records': '4' }) })
  table.expire((id) => id === first)
  read()
  expect(collector.rows.map(({ kind, reason }) => reason ?? kind)).toEqual(['commit', 'counts-differ'])
  expect(collector.state.total.rows).toBe(4)
})
