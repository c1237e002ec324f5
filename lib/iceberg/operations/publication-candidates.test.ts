import { describe, expect, it } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import { cherryPickRefusals } from './cherry-pick-refusal'
import { cherryPickScripts } from '@/lib/changes/statements/cherry-pick-statements'
import { publicationCandidates } from './publication-candidates'

/** Snapshots in the order of their commits, as `id`, parent and summary. */
function table(
  commits: readonly (readonly [id: string, parent: string | null, summary?: Record<string, string>])[],
  refs: Record<string, string>,
): TableMetadata {
  const snapshots = commits.map(
    ([snapshotId, parentSnapshotId, summary = {}], i): Snapshot => ({
      snapshotId,
      parentSnapshotId,
      sequenceNumber: i + 1,
      timestampMs: i + 1,
      manifestList: `${snapshotId}.avro`,
      summary: { operation: 'append', ...summary },
      schemaId: 0,
    }),
  )
  return sampleMetadata({
    snapshots,
    currentSnapshotId: refs['main'] ?? null,
    refs: Object.fromEntries(
      Object.entries(refs).map(([name, snapshotId]) => [name, { snapshotId, type: name === 'q1' ? 'tag' : 'branch' }]),
    ),
  })
}
const found = (metadata: TableMetadata, limit = 20) =>
  publicationCandidates(metadata, { limit }).candidates.map(
    ({ branch, wapId, snapshotId, distance, isFastForward, ownSnapshots, picks }) => ({
      name: branch ?? wapId,
      snapshotId,
      own: ownSnapshots.map((own) => own.snapshotId),
      behindCount: distance?.behindCount ?? null,
      isFastForward,
      nextPick: picks[0] ?? null,
    }),
  )

describe('What can be published', () => {
  it('is a branch with commits of its own, by how far main is behind it', () => {
    const metadata = table(
      [
        ['1', null],
        ['2', '1'],
        ['3', '2'],
      ],
      { main: '1', audit: '3', q1: '3', same: '1' },
    )
    expect(found(metadata)).toEqual([
      {
        name: 'audit',
        snapshotId: '3',
        own: ['3', '2'],
        behindCount: 0,
        isFastForward: true,
        nextPick: { snapshotId: '2', refusal: null },
      },
    ])
  })

  it('cannot be fast-forwarded to once main has moved on, and its oldest commit is the next to pick', () => {
    const metadata = table(
      [
        ['1', null],
        ['2', '1'],
        ['3', '2', { operation: 'delete' }],
        ['4', '1'],
        ['5', '4', { 'source-snapshot-id': '2' }],
      ],
      { main: '5', audit: '3' },
    )
    expect(found(metadata)).toMatchObject([
      {
        own: ['3', '2'],
        behindCount: 2,
        isFastForward: false,
        nextPick: { snapshotId: '3', refusal: 'not-replayable' },
      },
    ])
  })

  it('is a snapshot that was staged, until main has its WAP id', () => {
    const commits = [
      ['1', null],
      ['2', '1', { 'wap.id': 'a' }],
      ['3', '1', { 'wap.id': 'b' }],
      ['4', '1'],
    ] as const
    const staged = { isFastForward: false, behindCount: 1 }
    expect(found(table(commits, { main: '4' }))).toMatchObject([
      { name: 'b', snapshotId: '3', ...staged },
      { name: 'a', snapshotId: '2', ...staged },
    ])
    const published = [...commits, ['5', '4', { 'published-wap-id': 'a', 'source-snapshot-id': '2' }]] as const
    expect(found(table(published, { main: '5' }))).toMatchObject([{ name: 'b' }])
    // On a branch it is the branch that is published.
    expect(found(table(commits, { main: '4', audit: '2' })).map(({ name }) => name)).toEqual(['b', 'audit'])
  })

  it('describes the newest only, counts all, and finds those at one snapshot', () => {
    const commits = Array.from({ length: 10_000 }, (_, i) => [`${i + 2}`, '1', { 'wap.id': `w${i}` }] as const)
    const metadata = table([['1', null], ...commits], { main: '1' })
    const { totalCount, candidates } = publicationCandidates(metadata, { limit: 3 })
    expect([totalCount, candidates.map(({ wapId }) => wapId)]).toEqual([10_000, ['w9999', 'w9998', 'w9997']])
    expect(publicationCandidates(metadata, { limit: 3, snapshotId: '7' }).candidates).toMatchObject([{ wapId: 'w5' }])
  })

  it('is unknown where nothing connects a branch with main any more, and nothing of it is offered to pick', () => {
    const unknown = { isFastForward: false, behindCount: null, nextPick: null }
    // Published long ago: 2 was on main, and 3 to 5 have expired.
    const cutMain = table(
      [
        ['2', '1'],
        ['6', '5'],
      ],
      { main: '6', stage: '2' },
    )
    expect(found(cutMain)).toEqual([{ name: 'stage', snapshotId: '2', own: ['2'], ...unknown }])
    const cutBranch = table(
      [
        ['1', null],
        ['3', '2'],
      ],
      { main: '1', stage: '3' },
    )
    expect(found(cutBranch)).toMatchObject([unknown])
    const root = table(
      [
        ['1', null],
        ['3', '2'],
      ],
      { main: '3', stage: '1' },
    )
    expect(found(root)).toMatchObject([unknown])
    // Two complete lines of snapshots that provably share none.
    const apart = table(
      [
        ['1', null],
        ['2', null],
      ],
      { main: '1', stage: '2' },
    )
    expect(found(apart)).toMatchObject([{ behindCount: 1, nextPick: { snapshotId: '2', refusal: null } }])
  })

  it('offers no copy of what main has', () => {
    const metadata = table(
      [
        ['1', null],
        ['2', '1'],
        ['3', '1'],
        ['4', '3', { 'source-snapshot-id': '2' }],
        ['5', '2', { 'source-snapshot-id': '4' }],
      ],
      { main: '4', audit: '5' },
    )
    expect(found(metadata)).toMatchObject([{ own: ['5', '2'], behindCount: 2, nextPick: null }])
  })

  it('ends on damaged metadata whose snapshots are ancestors of themselves, and without main', () => {
    const circle = table(
      [
        ['1', '2'],
        ['2', '1'],
      ],
      { audit: '2' },
    )
    expect(found(circle)).toMatchObject([{ own: ['2', '1'], isFastForward: false, behindCount: 0 }])
  })
})

it('A snapshot says why it cannot be picked', () => {
  const metadata = table(
    [
      ['1', null],
      ['2', '1', { 'wap.id': 'a' }],
      ['3', '1', { operation: 'overwrite' }],
      ['4', '1', { operation: 'overwrite', 'replace-partitions': 'TRUE' }],
      ['5', '1'],
      ['6', '1', { 'wap.id': '' }],
      ['7', '5', { 'source-snapshot-id': '6', 'published-wap-id': 'a' }],
      ['8', '7', { operation: 'delete' }],
    ],
    { main: '7', other: '1' },
  )
  const refusals = (branch?: string) =>
    Object.fromEntries(metadata.snapshots.map((one) => [one.snapshotId, cherryPickRefusals(metadata, branch)(one)]))
  expect(refusals()).toEqual({
    1: 'on-branch',
    2: 'wap-published',
    3: 'not-replayable',
    4: null,
    5: 'on-branch',
    6: 'picked',
    7: 'on-branch',
    8: null,
  })
  expect(refusals('other')).toMatchObject({ 2: null, 3: null, 6: null, 7: null, 8: 'not-replayable' })
})

it('Spark picks onto main, and the other engines say that they cannot', () => {
  const identifier = { catalog: 'local', namespace: ['a b'], table: "t'" }
  const { spark, trino, pyiceberg } = cherryPickScripts(identifier, { snapshotId: '7', branch: 'main' })
  expect(spark).toEqual({
    text: "CALL `local`.system.cherrypick_snapshot(table => '`a b`.`t\\'`', snapshot_id => 7);",
    commitCount: 1,
    missingCount: 0,
  })
  expect([trino.missingCount, pyiceberg.missingCount]).toEqual([1, 1])
  expect(cherryPickScripts(identifier, { snapshotId: '7', branch: 'audit' }).spark.text).toMatch(/^-- /)
})
