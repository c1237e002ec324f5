import { describe, expect, it } from 'vitest'
import { FactCollector } from '@/testing/facts/fact-collector'
import { TableModel } from '@/testing/facts/table-model'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import type { Snapshot, TableMetadata } from '../iceberg/metadata/table-metadata'
import { describeVersion } from './describe-version'
import { toKnownVersion } from './known-version'

const NOW_MS = Date.UTC(2026, 5, 1)
const LINE_LENGTH = 10_000

/** Snapshots in a line, each with one row more. */
function longLine(length = LINE_LENGTH): Snapshot[] {
  return Array.from({ length }, (_, index) =>
    sampleSnapshot(0, {
      snapshotId: String(index + 1),
      parentSnapshotId: index === 0 ? null : String(index),
      sequenceNumber: index + 1,
      timestampMs: 1_700_000_000_000 + index,
      summary: { operation: 'append', 'added-records': '1', 'total-records': String(index + 1) },
    }),
  )
}

function tableOf(snapshots: readonly Snapshot[], change: Partial<TableMetadata> = {}): TableMetadata {
  const currentSnapshotId = snapshots.at(-1)?.snapshotId ?? null
  return sampleMetadata({
    snapshots,
    currentSnapshotId,
    lastSequenceNumber: snapshots.length,
    lastUpdatedMs: NOW_MS,
    refs: currentSnapshotId === null ? {} : { main: { snapshotId: currentSnapshotId, type: 'branch' } },
    snapshotLog: snapshots.map(({ snapshotId, timestampMs }) => ({ snapshotId, timestampMs })),
    ...change,
  })
}

function readOnce(metadata: TableMetadata): FactCollector {
  const collector = new FactCollector()
  collector.read(metadata, null, NOW_MS)
  return collector
}

describe('Damaged metadata', () => {
  it('with a circle of parents has each commit once', () => {
    const [first, second, third] = longLine(3)
    if (!first || !second || !third) throw new Error('the line has three')
    const circle = [{ ...first, parentSnapshotId: '3' }, second, third]
    expect(readOnce(tableOf(circle, { snapshotLog: [] })).rowsOf('commit')).toHaveLength(3)
    expect(readOnce(tableOf(circle)).state.total.rows).toBe(3)
    const own = { ...third, snapshotId: '4', parentSnapshotId: '4', sequenceNumber: 4 }
    const known = toKnownVersion(tableOf(circle))
    const { moves } = describeVersion(known, tableOf(circle), tableOf([...circle, own]))
    expect(moves).toMatchObject([{ kind: 'unread', toId: '4', left: [], entered: [{ commit: { snapshotId: '4' } }] }])
  })

  it('with a log of missing snapshots is read by what is there', () => {
    const snapshots = longLine(3)
    const log = ['99', '1', '98', '2', '97', '3', '96'].map((snapshotId, index) => ({
      snapshotId,
      timestampMs: 1_700_000_000_000 + index,
    }))
    const collector = readOnce(tableOf(snapshots, { snapshotLog: log }))
    expect(collector.rowsOf('commit')).toHaveLength(3)
    expect(collector.state.total.rows).toBe(3)
    expect(readOnce(tableOf(snapshots, { currentSnapshotId: '77', snapshotLog: [] })).rowsOf('commit')).toEqual([])
  })

  it('with a log that sends main back and forth is read in a time that its size bounds', () => {
    const length = 3_000
    const log = Array.from({ length }, (_, index) => ({
      snapshotId: index % 2 === 0 ? '1' : String(length),
      timestampMs: 1_700_000_000_000 + index,
    }))
    const collector = readOnce(tableOf(longLine(length), { snapshotLog: log }))
    expect(collector.rows.length).toBeLessThan(6 * length)
    expect(collector.state.total.rows).toBe(length)
  })
})

describe('A table of 10,000 snapshots', () => {
  it.each(['with', 'without'])('is read %s a log, each commit once and at its time', (log) => {
    const snapshots = longLine()
    const collector = readOnce(tableOf(snapshots, log === 'with' ? {} : { snapshotLog: [] }))
    expect(collector.rows.map(({ kind, atMs, snapshotId }) => [kind, atMs, snapshotId])).toEqual(
      snapshots.map(({ timestampMs, snapshotId }) => ['commit', timestampMs, snapshotId]),
    )
    expect(collector.state.total.rows).toBe(LINE_LENGTH)
  })

  it('is described by a new commit alone when its version before is known', () => {
    const before = tableOf(longLine())
    const after = tableOf([...before.snapshots, ...longLine(LINE_LENGTH + 1).slice(-1)])
    const { moves, offMain, events } = describeVersion(toKnownVersion(before), before, after)
    expect(moves).toMatchObject([{ kind: 'forward', left: [], entered: [{ isNew: true }] }])
    expect([offMain, events]).toEqual([[], []])
  })
})

describe('Moves of main between two readings', () => {
  it('are all known from the log, even if they state the same time', () => {
    const [first, second] = longLine(2)
    if (!first || !second) throw new Error('the line has two')
    const logged = (ids: readonly string[]) => ids.map((snapshotId) => ({ snapshotId, timestampMs: 5 }))
    const known = toKnownVersion(tableOf([first, second], { currentSnapshotId: '1', snapshotLog: logged(['1']) }))
    const after = tableOf([first, second], { currentSnapshotId: '1', snapshotLog: logged(['1', '2', '1']) })
    expect(describeVersion(known, null, after).moves.map(({ kind }) => kind)).toEqual(['forward', 'rollback'])
  })

  it('are found after an expiry has removed the oldest entries of the log', () => {
    const snapshots = longLine(4)
    const known = toKnownVersion(tableOf(snapshots.slice(0, 2)))
    const { moves } = describeVersion(known, null, tableOf(snapshots.slice(1)))
    expect(moves.map(({ kind, toId }) => [kind, toId])).toEqual([
      ['forward', '3'],
      ['forward', '4'],
    ])
  })

  it('are those after the known version when the log begins only then', () => {
    const snapshots = longLine(3)
    const known = toKnownVersion(tableOf(snapshots.slice(0, 2), { snapshotLog: [], lastUpdatedMs: 1_700_000_000_001 }))
    expect(describeVersion(known, null, tableOf(snapshots)).moves).toMatchObject([{ kind: 'forward', toId: '3' }])
  })

  it('replace the table only when the new line was begun after the old one, and only once', () => {
    const table = new TableModel()
    const staged = table.commit({ branch: 'audit' })
    table.commit({ isRoot: true })
    table.setBranch('main', staged)
    const newest = table.commit({ isRoot: true })
    for (const id of [staged, newest]) table.setBranch('main', id)
    const { moves } = describeVersion(null, null, table.metadata)
    expect(moves.map(({ kind }) => kind)).toEqual(['first', 'rollback', 'replaced', 'rollback', 'rollback'])
  })

  it('are one when an earlier version returns whose log has a time ahead', () => {
    const snapshots = longLine(3)
    const log = snapshots.map(({ snapshotId }, index) => ({
      snapshotId,
      timestampMs: index === 0 ? NOW_MS * 2 : index,
    }))
    const known = toKnownVersion(tableOf(snapshots, { snapshotLog: log }))
    const after = tableOf(snapshots, { currentSnapshotId: '2', snapshotLog: log.slice(0, 2) })
    expect(describeVersion(known, null, after).moves).toMatchObject([{ kind: 'rollback', fromId: '3', toId: '2' }])
  })

  it('are none when the undo of an expiry restores the log of a table that is empty', () => {
    const table = new TableModel()
    table.commit()
    table.empty()
    const emptied = table.metadata
    table.expire(() => true)
    const { moves, emptied: change } = describeVersion(toKnownVersion(table.metadata), table.metadata, emptied)
    expect([moves, change]).toEqual([[], null])
  })

  it('are not repeated when the table was emptied between', () => {
    const table = new TableModel()
    table.commit({ added: { rows: 3 } })
    table.commit({ added: { rows: 4 } })
    table.empty()
    const emptied = table.metadata
    table.commit({ added: { rows: 1 }, isRoot: true })
    const { moves } = describeVersion(toKnownVersion(emptied), null, table.metadata)
    expect(moves).toMatchObject([
      { kind: 'forward', fromId: null, left: [], entered: [{ commit: { added: { rows: 1 } } }] },
    ])
  })

  it('look up old commits of a v1 table whose clock was ahead', () => {
    const [first, second] = longLine(2).map((snapshot) => ({ ...snapshot, sequenceNumber: 0 }))
    if (!first || !second) throw new Error('the line has two')
    const ahead = { ...second, timestampMs: Date.UTC(3000, 0, 1) }
    const before = tableOf([first, ahead], { formatVersion: 1, currentSnapshotId: '1', snapshotLog: [] })
    const after = { ...before, currentSnapshotId: '2' }
    expect(describeVersion(toKnownVersion(before), null, after).moves).toMatchObject([
      { kind: 'forward', entered: [{ isNew: false }] },
    ])
  })
})

describe('Events of a version', () => {
  it('name the changes besides those of rows, also properties and refs with names that every object has', () => {
    const before = sampleMetadata()
    const named = (json: string) => JSON.parse(json) as Record<string, never>
    const after = sampleMetadata({
      lastUpdatedMs: NOW_MS,
      currentSchemaId: 0,
      properties: { ...named('{"__proto__": "x"}'), owner: 'ada' },
      refs: { ...before.refs, ...named(`{"constructor": {"snapshotId": "7", "type": "tag"}}`) },
    })
    const { events } = describeVersion(toKnownVersion(before), before, after)
    expect(events).toEqual([
      { atMs: NOW_MS, kind: 'schema', fromId: 1, toId: 0 },
      { atMs: NOW_MS, kind: 'properties', names: ['__proto__', 'write.parquet.compression-codec'], count: 2 },
      { atMs: NOW_MS, kind: 'ref', name: 'constructor', type: 'tag', fromId: null, toId: '7' },
    ])
    expect(JSON.stringify(toKnownVersion(after))).not.toContain('ada')
  })
})
