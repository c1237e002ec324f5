import { describe, expect, it } from 'vitest'
import { applyViewUpdates, checkViewRequirements } from './apply-view-change'
import { newViewMetadata } from './new-view-metadata'
import { sampleVersion, sampleView } from './sample-view'
import { thrownBy } from './thrown'
import type { Schema } from './types'
import { readViewMetadata, writeViewMetadata } from './view-metadata-json'
import type { ViewMetadata, ViewRepresentation } from './view-metadata'
import type { ViewUpdate } from './view-update'

const view = sampleView()
const nowMs = 1_700_000_600_000
const applied = (updates: ViewUpdate[], to: ViewMetadata = view) => applyViewUpdates(to, updates, { nowMs })
const sql = (dialect: string, text = 'SELECT 1'): ViewRepresentation => ({ type: 'sql', sql: text, dialect })
const both = [sql('spark'), sql('trino')]
const replacing = (change: Parameters<typeof sampleVersion>[0]): ViewUpdate[] => [
  {
    action: 'add-view-version',
    viewVersion: sampleVersion({ timestampMs: nowMs - 5, representations: both, ...change }),
  },
  { action: 'set-current-view-version', viewVersionId: -1 },
]
const wider: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'n', required: false, type: 'long' }],
}

describe('a replaced view', () => {
  it('is at the new version since that was made', () => {
    const after = applied([{ action: 'add-schema', schema: wider }, ...replacing({ versionId: 1, schemaId: -1 })])
    expect(after.currentVersionId).toBe(3)
    expect(after.schemas.map(({ schemaId }) => schemaId)).toEqual([1, 2])
    expect(after.versions.at(-1)).toMatchObject({ versionId: 3, schemaId: 2, timestampMs: nowMs - 5 })
    expect(after.versionLog.at(-1)).toEqual({ versionId: 3, timestampMs: nowMs - 5 })
    expect(readViewMetadata(writeViewMetadata(after))).toEqual(after)
    expect(view).toEqual(sampleView())
  })
  it('keeps the number a client gave the version where it is the highest', () => {
    expect(applied(replacing({ versionId: 8 })).currentVersionId).toBe(8)
  })
  it('by what it says already is not replaced, whoever made it when', () => {
    const [, second] = view.versions
    if (second === undefined) throw new Error('the sample has two versions')
    const summary = Object.fromEntries(Object.entries(second.summary).toReversed())
    const same = { ...second, versionId: 9, timestampMs: 5, summary }
    const [schema] = view.schemas
    if (schema === undefined) throw new Error('the sample has a schema')
    expect(
      applied([
        { action: 'add-schema', schema: { ...schema, schemaId: 7 } },
        { action: 'add-view-version', viewVersion: { ...same, schemaId: -1 } },
        { action: 'set-current-view-version', viewVersionId: -1 },
      ]),
    ).toBe(view)
  })
  it('can go back to an earlier version, now', () => {
    const after = applied([
      { action: 'set-properties', updates: { 'replace.drop-dialect.allowed': 'true' } },
      { action: 'set-current-view-version', viewVersionId: 1 },
    ])
    expect(after.currentVersionId).toBe(1)
    expect(after.versions).toBe(view.versions)
    expect(after.versionLog.at(-1)).toEqual({ versionId: 1, timestampMs: nowMs })
  })
  it.each([
    [[{ action: 'set-current-view-version', viewVersionId: 9 }], 'unknown version: 9'],
    [[{ action: 'set-current-view-version', viewVersionId: -1 }], 'adds no version'],
    [replacing({ schemaId: 9 }), 'unknown schema: 9'],
    [replacing({ schemaId: -1 }), 'adds no schema'],
    [
      replacing({ representations: [...both, sql('TRINO')] }),
      'Invalid view version: Cannot add multiple queries for dialect trino',
    ],
    [replacing({ representations: [] }), 'no query'],
    [replacing({ representations: [...both, sql('')] }), 'without a dialect'],
    [replacing({ representations: [sql('trino')] }), 'loss of view dialects (replace.drop-dialect.allowed=false)'],
    [[{ action: 'assign-uuid', uuid: 'other' }], 'Cannot reassign uuid'],
    [[{ action: 'upgrade-format-version', formatVersion: 2 }], 'Unsupported format version: 2'],
    [[{ action: 'set-properties', updates: { 'version.history.num-entries': '0' } }], 'must be positive but was 0'],
  ] as [ViewUpdate[], string][])('that would not hold is refused (%#)', (updates, said) => {
    const error = thrownBy(() => applied(updates))
    expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(said)])
  })
})

describe('versions', () => {
  const grown = (to: ViewMetadata, count: number) =>
    Array.from({ length: count }, (_, index) => index).reduce(
      (before, n) => applied(replacing({ representations: [sql('spark', `SELECT ${n}`), sql('trino')] }), before),
      to,
    )
  it('of the last ten are kept, and the log reaches as far', () => {
    const after = grown(view, 12)
    expect(after.versions.map(({ versionId }) => versionId)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    expect(after.versionLog.map(({ versionId }) => versionId)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  })
  it('are as many as the view says, and all that one commit brings', () => {
    const short = sampleView({ properties: { 'version.history.num-entries': '1' } })
    expect(grown(short, 3).versions.map(({ versionId }) => versionId)).toEqual([5])
    const two = applied(
      [...replacing({ representations: [sql('spark', 'SELECT 7'), sql('trino')] }), ...replacing({})],
      short,
    )
    expect(two.versions.map(({ versionId }) => versionId)).toEqual([3, 4])
  })
  it('that are current stay, also where newer ones are kept', () => {
    const back = applied(
      [
        { action: 'set-properties', updates: { 'replace.drop-dialect.allowed': 'TRUE' } },
        { action: 'set-current-view-version', viewVersionId: 6 },
        { action: 'set-properties', updates: { 'version.history.num-entries': '3' } },
      ],
      grown(view, 12),
    )
    expect(back.versions.map(({ versionId }) => versionId)).toEqual([6, 13, 14])
    expect(back.versionLog.map(({ versionId }) => versionId)).toEqual([13, 14, 6])
  })
})

describe('the view itself', () => {
  it('has properties and a location that change', () => {
    const after = applied([
      { action: 'set-location', location: 'file:///lake/other/' },
      { action: 'set-properties', updates: { owner: 'ada', __proto__x: 'y' } },
      { action: 'remove-properties', removals: ['comment', 'gone'] },
    ])
    expect(after).toMatchObject({ location: 'file:///lake/other', properties: { owner: 'ada', __proto__x: 'y' } })
    expect('comment' in after.properties).toBe(false)
  })
  it('is as it was where nothing changes', () => {
    expect(
      applied([
        { action: 'assign-uuid', uuid: view.viewUuid.toUpperCase() },
        { action: 'upgrade-format-version', formatVersion: 1 },
        { action: 'set-properties', updates: view.properties },
        { action: 'remove-properties', removals: ['toString'] },
        { action: 'set-location', location: view.location },
        { action: 'set-current-view-version', viewVersionId: 2 },
      ]),
    ).toBe(view)
  })
  it('is told by its uuid', () => {
    expect(() => checkViewRequirements(view, [{ type: 'assert-view-uuid', uuid: view.viewUuid }])).not.toThrow()
    const error = thrownBy(() => checkViewRequirements(view, [{ type: 'assert-view-uuid', uuid: 'u' }]))
    expect(error.code).toBe('commit-conflict')
    expect(error.message).toBe(`Requirement failed: view UUID does not match: expected ${view.viewUuid} != u`)
  })
})

describe('a new view', () => {
  const asked = {
    schemas: [{ ...wider, schemaId: 5 }],
    version: sampleVersion({ versionId: 9, schemaId: 5 }),
    location: 'file:///lake/demo/v/',
    viewUuid: 'u',
    nowMs,
  }
  it('has schema 0 and version 1, of now', () => {
    const made = newViewMetadata(asked)
    expect(made).toMatchObject({
      location: 'file:///lake/demo/v',
      schemas: [{ schemaId: 0 }],
      currentVersionId: 1,
      versions: [{ versionId: 1, schemaId: 0, timestampMs: nowMs }],
      versionLog: [{ versionId: 1, timestampMs: nowMs }],
      properties: {},
    })
    expect(readViewMetadata(writeViewMetadata(made))).toEqual(made)
    expect(newViewMetadata({ ...asked, version: sampleVersion({ schemaId: -1 }) }).versions[0]?.schemaId).toBe(0)
  })
  it('of a schema that is not there is refused', () => {
    for (const bad of [
      { ...asked, version: sampleVersion({ schemaId: 6 }) },
      { ...asked, schemas: [], version: sampleVersion({ schemaId: -1 }) },
    ]) {
      expect(thrownBy(() => newViewMetadata(bad)).code).toBe('invalid-request')
    }
  })
})

describe('a view that nobody could read is not written', () => {
  const field = { id: 1, name: 'n', required: false, type: 'long' } as const
  const schema = (change: Partial<Schema>): ViewUpdate => ({ action: 'add-schema', schema: { ...wider, ...change } })

  it.each([
    ['a version whose id is no 32-bit integer', replacing({ versionId: 2 ** 31 }), /version-id/],
    ['a column whose id is none', [schema({ fields: [{ ...field, id: 2 ** 31 }] })], /fields\[0\]\.id/],
    ['an identifier field that is not there', [schema({ identifierFieldIds: [7] })], /identifier field 7/],
    ['an identifier field that may be null', [schema({ identifierFieldIds: [1] })], /is optional/],
    [
      'a default value of another type',
      [schema({ fields: [{ ...field, type: 'date', initialDefault: 'soon' }] })],
      /default/,
    ],
  ] satisfies [string, ViewUpdate[], RegExp][])('with %s', (_what, updates, told) => {
    const refused = thrownBy(() => applied(updates))
    expect(refused.code).toBe('invalid-request')
    expect(refused.message).toMatch(told)
  })

  it('when it is new', () => {
    const [version] = view.versions
    if (!version) throw new Error('the sample has versions')
    const refused = thrownBy(() =>
      newViewMetadata({
        schemas: [{ ...wider, schemaId: version.schemaId, identifierFieldIds: [7] }],
        version,
        location: view.location,
        viewUuid: view.viewUuid,
        nowMs,
      }),
    )
    expect(refused.message).toMatch(/identifier field 7/)
  })
})
