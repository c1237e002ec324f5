import { describe, expect, it } from 'vitest'
import { applyUpdates, checkRequirements } from '../../iceberg/commit/apply-updates'
import type { Intent } from './intent'
import { changeForIntents, warningsForIntents } from './intent-changes'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { catchAppError } from '@/testing/iceberg/catch-app-error'

const CODEC = 'write.parquet.compression-codec'
const LEVEL = 'write.parquet.compression-level'
const metadata = sampleMetadata()
const [first, second, third, tip] = SAMPLE_SNAPSHOT_IDS

const set = (key: string, value: string, base: string | null): Intent => ({ kind: 'set-property', key, value, base })
const remove = (key: string, base: string | null): Intent => ({ kind: 'remove-property', key, base })

/** As a catalog commits: checks the requirements, then applies the updates. */
function commit(intents: readonly Intent[], base: TableMetadata = metadata): TableMetadata {
  const { requirements, updates } = changeForIntents(base, intents)
  checkRequirements(base, requirements)
  return applyUpdates(base, updates, { nowMs: base.lastUpdatedMs + 1000 })
}

describe('properties', () => {
  it('are set and removed in one commit that applies to this table only', () => {
    const change = changeForIntents(metadata, [
      set(CODEC, 'snappy', 'zstd'),
      remove('owner', 'ada'),
      set('team', 'lake', null),
    ])
    expect(change).toEqual({
      requirements: [{ type: 'assert-table-uuid', uuid: metadata.tableUuid }],
      updates: [
        { action: 'set-properties', updates: { [CODEC]: 'snappy', team: 'lake' } },
        { action: 'remove-properties', removals: ['owner'] },
      ],
    })
  })
  it.each([
    [set(CODEC, 'gzip', 'snappy'), { key: CODEC, base: 'snappy', current: 'zstd', requested: 'gzip' }],
    [set('team', 'lake', 'sea'), { key: 'team', base: 'sea', current: null, requested: 'lake' }],
    [remove('owner', null), { key: 'owner', base: null, current: 'ada', requested: null }],
    [set('constructor', 'x', 'y'), { key: 'constructor', base: 'y', current: null, requested: 'x' }],
  ])('conflict with facts when another writer has changed them (%#)', (intent, facts) => {
    const error = catchAppError(() => changeForIntents(metadata, [intent]))
    expect([error.code, error.facts]).toEqual(['commit-conflict', facts])
  })
  describe('that are rules', () => {
    const [schema] = metadata.schemas
    const [column] = schema?.fields ?? []
    const rule = (name: string) => JSON.stringify({ column: name, notNull: true })
    const renamed: Intent = {
      kind: 'rename-column',
      fieldId: column?.id ?? 0,
      column: [column?.name ?? ''],
      name: 'renamed',
      movesProperties: true,
    }

    it('have to fit the columns after the commit', () => {
      const fitting = set('lakeshore.rule.x', rule(column?.name ?? ''), null)
      expect(commit([fitting]).properties).toHaveProperty(['lakeshore.rule.x'])
      const alone = { ...renamed, movesProperties: false }
      expect(catchAppError(() => changeForIntents(metadata, [fitting, alone])).message).toMatch(
        /^lakeshore[.]rule[.]x names the column .*, which the table does not have/,
      )
      expect(commit([set('lakeshore.rule.x', rule('renamed'), null), renamed]).properties).toHaveProperty([
        'lakeshore.rule.x',
      ])
    })
    it('are at most 100, unless more were there before', () => {
      const rules = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`lakeshore.rule.${i}`, rule(column?.name ?? '')]))
      const full = { ...metadata, properties: { ...metadata.properties, ...rules(100) } }
      const more = set('lakeshore.rule.one-more', rule(column?.name ?? ''), null)
      expect(catchAppError(() => changeForIntents(full, [more])).message).toContain('at most 100 rules')
      const over = { ...metadata, properties: { ...metadata.properties, ...rules(101), 'lakeshore.rule.bad': '{' } }
      expect(commit([set('team', 'lake', null)], over).properties).toHaveProperty('team', 'lake')
    })
  })
  it('of a column that is not there are warned of, because they have no effect', () => {
    const filter = (column: string) => set(`write.parquet.bloom-filter-enabled.column.${column}`, 'true', null)
    const [column] = metadata.schemas.flatMap(({ fields }) => fields.map(({ name }) => name))
    expect(warningsForIntents(metadata, [filter('nope')])).toEqual([
      expect.stringMatching(/^There is no column nope, so/),
    ])
    expect(warningsForIntents(metadata, [filter(String(column))])).toEqual([])
  })
  it.each([
    [[], 'nothing to commit'],
    [[set('owner', 'a', 'ada'), remove('owner', 'ada')], 'changes the property owner twice'],
    [[set('current-snapshot-id', '1', null)], 'current-snapshot-id is part of the table’s metadata'],
    [[remove('uuid', null)], 'uuid is part of'],
    [[set(' x', '1', null)], 'must not be empty'],
    [[set('', '1', null)], 'must not be empty'],
    [[set('a\nb', '1', null)], 'must not have control characters'],
    [[set('a', '\0', null)], 'without a zero character'],
    [[set('write.target-file-size-bytes', '512 MB', null)], 'whole number'],
    [[set('gc.enabled', 'yes', null)], 'true or false'],
    [[set(CODEC, 'lzo', 'zstd')], 'one of zstd, snappy, gzip, lz4, brotli, uncompressed'],
    [[set(LEVEL, '23', null)], 'from 0 to 22'],
    [[set(LEVEL, '0', null)], 'from 1 to 22 for zstd'],
    [[set(CODEC, 'gzip', 'zstd'), set(LEVEL, '10', null)], 'from 0 to 9 for gzip'],
    [[set(CODEC, 'snappy', 'zstd'), set(LEVEL, '1', null)], 'does not apply to snappy'],
  ] as [Intent[], string][])('are refused when invalid (%#)', (intents, message) => {
    const error = catchAppError(() => changeForIntents(metadata, intents))
    expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(message)])
  })
})

describe('compression', () => {
  const atLevel19 = sampleMetadata({ properties: { [CODEC]: 'zstd', [LEVEL]: '19' } })
  it.each([
    ['a codec with its level', [set(CODEC, 'gzip', 'zstd'), set(LEVEL, '9', '19')], { [CODEC]: 'gzip', [LEVEL]: '9' }],
    ['a level alone', [set(LEVEL, '3', '19')], { [CODEC]: 'zstd', [LEVEL]: '3' }],
    [
      'a codec without levels keeps the old level',
      [set(CODEC, 'snappy', 'zstd')],
      { [CODEC]: 'snappy', [LEVEL]: '19' },
    ],
    ['no codec is the default codec', [remove(CODEC, 'zstd')], { [LEVEL]: '19' }],
    ['no level is the codec default', [remove(LEVEL, '19'), set(CODEC, 'gzip', 'zstd')], { [CODEC]: 'gzip' }],
    ['Iceberg’s word for none', [set(CODEC, 'uncompressed', 'zstd')], { [CODEC]: 'uncompressed', [LEVEL]: '19' }],
  ] as [string, Intent[], Record<string, string>][])('%s', (_name, intents, properties) => {
    expect(commit(intents, atLevel19).properties).toEqual(properties)
  })
  it('a level that the new codec does not support must change with it', () => {
    const error = catchAppError(() => changeForIntents(atLevel19, [set(CODEC, 'gzip', 'zstd')]))
    expect([error.code, error.facts]).toEqual(['invalid-request', { key: LEVEL, codec: 'gzip', level: '19' }])
  })
})

describe('a roll-back', () => {
  const rollBack = (
    toSnapshotId: string,
    safetyTag: { name: string; maxRefAgeMs: number | null } | null = null,
  ): Intent => ({
    kind: 'roll-back',
    fromSnapshotId: tip,
    toSnapshotId,
    safetyTag,
  })
  it('moves main to an ancestor if the tip is still the one the person saw, and keeps its retention', () => {
    expect(changeForIntents(metadata, [rollBack(second)])).toEqual({
      requirements: [
        { type: 'assert-table-uuid', uuid: metadata.tableUuid },
        { type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: tip },
      ],
      updates: [
        { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: second, minSnapshotsToKeep: 3 },
      ],
    })
  })
  it('can leave a tag on the tip', () => {
    const after = commit([rollBack(second, { name: 'before-roll-back', maxRefAgeMs: 1000 })])
    expect(after.currentSnapshotId).toBe(second)
    expect(after.refs['before-roll-back']).toEqual({ type: 'tag', snapshotId: tip, maxRefAgeMs: 1000 })
    expect(after.snapshots).toHaveLength(4)
  })
  it('conflicts when another writer has taken the tag’s name', () => {
    const { requirements } = changeForIntents(metadata, [rollBack(second, { name: 'safe', maxRefAgeMs: null })])
    const now = sampleMetadata({ refs: { ...metadata.refs, safe: { snapshotId: first, type: 'tag' } } })
    expect(catchAppError(() => checkRequirements(now, requirements)).code).toBe('commit-conflict')
  })
  it('can be undone', () => {
    const after = commit([rollBack(first)])
    const back = {
      kind: 'set-ref',
      refName: 'main',
      fromSnapshotId: first,
      toSnapshotId: tip,
      safetyTag: null,
    } as const
    const undone = commit([back], after)
    expect(undone.currentSnapshotId).toBe(tip)
    expect(undone.refs).toEqual(metadata.refs)
    expect(undone.snapshotLog.map((entry) => entry.snapshotId)).toEqual([...SAMPLE_SNAPSHOT_IDS, first, tip])
  })
  it('is refused when another writer has moved main', () => {
    const moved = commit([rollBack(third)])
    const error = catchAppError(() => changeForIntents(moved, [rollBack(second)]))
    expect([error.code, error.facts]).toEqual([
      'commit-conflict',
      { key: 'main', base: tip, current: third, requested: second },
    ])
  })
  it.each([
    ['to a snapshot that is not an ancestor', rollBack('12'), 'invalid-request'],
    ['to the current tip', rollBack(tip), 'invalid-request'],
    ['with a tag whose name is taken', rollBack(second, { name: 'q1-close', maxRefAgeMs: null }), 'already-exists'],
    ['with a tag called main', rollBack(second, { name: 'main', maxRefAgeMs: null }), 'already-exists'],
    ['with a tag without a name', rollBack(second, { name: ' ', maxRefAgeMs: null }), 'invalid-request'],
  ] as [string, Intent, string][])('%s is refused', (_name, intent, code) => {
    expect(catchAppError(() => changeForIntents(metadata, [intent])).code).toBe(code)
  })
  it('is refused when it goes forward', () => {
    const back = commit([rollBack(second)])
    const forward: Intent = { kind: 'roll-back', fromSnapshotId: second, toSnapshotId: tip, safetyTag: null }
    expect(catchAppError(() => changeForIntents(back, [forward])).code).toBe('invalid-request')
  })
  it('of a table without a snapshot is refused', () => {
    const empty = sampleMetadata({ currentSnapshotId: null, snapshots: [], snapshotLog: [], refs: {} })
    expect(catchAppError(() => changeForIntents(empty, [rollBack(second)])).code).toBe('commit-conflict')
  })
})

describe('moving a branch', () => {
  const move = (change: Partial<Extract<Intent, { kind: 'set-ref' }>>): Intent => ({
    kind: 'set-ref',
    refName: 'audit',
    fromSnapshotId: second,
    toSnapshotId: tip,
    safetyTag: null,
    ...change,
  })
  it('can keep the tip that it leaves with a tag', () => {
    const moved = commit([move({ safetyTag: { name: 'before', maxRefAgeMs: 5 } })])
    expect(moved.refs.before).toEqual({ type: 'tag', snapshotId: second, maxRefAgeMs: 5 })
    const taken = catchAppError(() =>
      changeForIntents(moved, [
        move({ safetyTag: { name: 'before', maxRefAgeMs: null }, fromSnapshotId: tip, toSnapshotId: second }),
      ]),
    )
    expect(taken.code).toBe('already-exists')
  })
  it('works to any snapshot of the table', () => {
    expect(commit([move({})]).refs['audit']).toEqual({ snapshotId: tip, type: 'branch' })
  })
  it('works together with other changes in one commit', () => {
    const after = commit([move({}), set('owner', 'grace', 'ada')])
    expect([after.refs['audit']?.snapshotId, after.properties['owner']]).toEqual([tip, 'grace'])
  })
  it.each([
    ['that another writer has moved', [move({ fromSnapshotId: first })], 'commit-conflict'],
    ['to a snapshot that is gone', [move({ toSnapshotId: '12' })], 'not-found'],
    ['that is gone', [move({ refName: 'gone' })], 'commit-conflict'],
    ['twice in one commit', [move({}), move({})], 'invalid-request'],
  ] as [string, Intent[], string][])('%s is refused', (_name, intents, code) => {
    expect(catchAppError(() => changeForIntents(metadata, intents)).code).toBe(code)
  })
})

it('A move of main past the saved checks is warned of, and a move back is not', () => {
  const checked = { ...metadata, properties: { ...metadata.properties, 'lakeshore.check.no_nulls': 'SELECT 1' } }
  const move = (fromSnapshotId: string, toSnapshotId: string): Intent => ({
    kind: 'set-ref',
    refName: 'main',
    fromSnapshotId,
    toSnapshotId,
    safetyTag: null,
  })
  const main = { type: 'branch', snapshotId: first } as const
  const behind = { ...checked, currentSnapshotId: first, refs: { ...checked.refs, main } }
  expect(warningsForIntents(behind, [move(first, tip)])).toContainEqual(expect.stringContaining('saved check'))
  expect(warningsForIntents(checked, [move(tip, first)])).not.toContainEqual(expect.stringContaining('saved check'))
})
