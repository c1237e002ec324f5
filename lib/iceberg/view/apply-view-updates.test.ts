import { describe, expect, it } from 'vitest'
import { applyViewUpdates, checkViewRequirements } from './apply-view-updates'
import { newViewMetadata } from './new-view-metadata'
import { sampleViewVersion, sampleView } from '@/testing/iceberg/sample-view'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import type { Schema } from '../schema/types'
import { readViewMetadata, writeViewMetadata } from './view-metadata-json'
import type { ViewMetadata, ViewRepresentation } from './view-metadata'
import type { ViewUpdate } from './view-update'

const view = sampleView()
const nowMs = 1_700_000_600_000
const apply = (updates: ViewUpdate[], base: ViewMetadata = view) => applyViewUpdates(base, updates, { nowMs })
const sql = (dialect: string, text = 'SELECT 1'): ViewRepresentation => ({ type: 'sql', sql: text, dialect })
const both = [sql('spark'), sql('trino')]
const replaceVersion = (overrides: Parameters<typeof sampleViewVersion>[0]): ViewUpdate[] => [
  {
    action: 'add-view-version',
    viewVersion: sampleViewVersion({ timestampMs: nowMs - 5, representations: both, ...overrides }),
  },
  { action: 'set-current-view-version', viewVersionId: -1 },
]
const wider: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'n', required: false, type: 'long' }],
}

describe('a replaced view', () => {
  it('has the new version as current since its timestamp', () => {
    const after = apply([{ action: 'add-schema', schema: wider }, ...replaceVersion({ versionId: 1, schemaId: -1 })])
    expect(after.currentVersionId).toBe(3)
    expect(after.schemas.map(({ schemaId }) => schemaId)).toEqual([1, 2])
    expect(after.versions.at(-1)).toMatchObject({ versionId: 3, schemaId: 2, timestampMs: nowMs - 5 })
    expect(after.versionLog.at(-1)).toEqual({ versionId: 3, timestampMs: nowMs - 5 })
    expect(readViewMetadata(writeViewMetadata(after))).toEqual(after)
    expect(view).toEqual(sampleView())
  })
  it('keeps the client’s version id if it is the highest', () => {
    expect(apply(replaceVersion({ versionId: 8 })).currentVersionId).toBe(8)
  })
  it('is unchanged by an equal version, even with another timestamp or engine', () => {
    const [, second] = view.versions
    if (second === undefined) throw new Error('the sample has two versions')
    const summary = Object.fromEntries(Object.entries(second.summary).toReversed())
    const sameVersion = { ...second, versionId: 9, timestampMs: 5, summary }
    const [schema] = view.schemas
    if (schema === undefined) throw new Error('the sample has a schema')
    expect(
      apply([
        { action: 'add-schema', schema: { ...schema, schemaId: 7 } },
        { action: 'add-view-version', viewVersion: { ...sameVersion, schemaId: -1 } },
        { action: 'set-current-view-version', viewVersionId: -1 },
      ]),
    ).toBe(view)
  })
  it('can go back to an earlier version, current from now', () => {
    const after = apply([
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
    [replaceVersion({ schemaId: 9 }), 'unknown schema: 9'],
    [replaceVersion({ schemaId: -1 }), 'adds no schema'],
    [
      replaceVersion({ representations: [...both, sql('TRINO')] }),
      'Invalid view version: Cannot add multiple queries for dialect trino',
    ],
    [replaceVersion({ representations: [] }), 'no query'],
    [replaceVersion({ representations: [...both, sql('')] }), 'without a dialect'],
    [replaceVersion({ representations: [sql('trino')] }), 'loss of view dialects (replace.drop-dialect.allowed=false)'],
    [[{ action: 'assign-uuid', uuid: 'other' }], 'Cannot reassign uuid'],
    [[{ action: 'upgrade-format-version', formatVersion: 2 }], 'Unsupported format version: 2'],
    [[{ action: 'set-properties', updates: { 'version.history.num-entries': '0' } }], 'must be positive but was 0'],
  ] as [ViewUpdate[], string][])('that would be invalid is refused (%#)', (updates, message) => {
    const error = catchAppError(() => apply(updates))
    expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(message)])
  })
})

describe('versions', () => {
  const addVersions = (base: ViewMetadata, count: number) =>
    Array.from({ length: count }, (_, index) => index).reduce(
      (before, n) => apply(replaceVersion({ representations: [sql('spark', `SELECT ${n}`), sql('trino')] }), before),
      base,
    )
  it('are retained up to ten, with their log entries', () => {
    const after = addVersions(view, 12)
    expect(after.versions.map(({ versionId }) => versionId)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    expect(after.versionLog.map(({ versionId }) => versionId)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  })
  it('are retained as the view’s property says, including all of one commit', () => {
    const shortHistory = sampleView({ properties: { 'version.history.num-entries': '1' } })
    expect(addVersions(shortHistory, 3).versions.map(({ versionId }) => versionId)).toEqual([5])
    const two = apply(
      [...replaceVersion({ representations: [sql('spark', 'SELECT 7'), sql('trino')] }), ...replaceVersion({})],
      shortHistory,
    )
    expect(two.versions.map(({ versionId }) => versionId)).toEqual([3, 4])
  })
  it('that are current are retained, even with newer ones', () => {
    const back = apply(
      [
        { action: 'set-properties', updates: { 'replace.drop-dialect.allowed': 'TRUE' } },
        { action: 'set-current-view-version', viewVersionId: 6 },
        { action: 'set-properties', updates: { 'version.history.num-entries': '3' } },
      ],
      addVersions(view, 12),
    )
    expect(back.versions.map(({ versionId }) => versionId)).toEqual([6, 13, 14])
    expect(back.versionLog.map(({ versionId }) => versionId)).toEqual([13, 14, 6])
  })
})

describe('the view itself', () => {
  it('can change its properties and location', () => {
    const after = apply([
      { action: 'set-location', location: 'file:///lake/other/' },
      { action: 'set-properties', updates: { owner: 'ada', __proto__x: 'y' } },
      { action: 'remove-properties', removals: ['comment', 'gone'] },
    ])
    expect(after).toMatchObject({ location: 'file:///lake/other', properties: { owner: 'ada', __proto__x: 'y' } })
    expect('comment' in after.properties).toBe(false)
  })
  it('is returned as is when nothing changes', () => {
    expect(
      apply([
        { action: 'assign-uuid', uuid: view.viewUuid.toUpperCase() },
        { action: 'upgrade-format-version', formatVersion: 1 },
        { action: 'set-properties', updates: view.properties },
        { action: 'remove-properties', removals: ['toString'] },
        { action: 'set-location', location: view.location },
        { action: 'set-current-view-version', viewVersionId: 2 },
      ]),
    ).toBe(view)
  })
  it('is identified by its uuid', () => {
    expect(() => checkViewRequirements(view, [{ type: 'assert-view-uuid', uuid: view.viewUuid }])).not.toThrow()
    const error = catchAppError(() => checkViewRequirements(view, [{ type: 'assert-view-uuid', uuid: 'u' }]))
    expect(error.code).toBe('commit-conflict')
    expect(error.message).toBe(`Requirement failed: view UUID does not match: expected ${view.viewUuid} != u`)
  })
})

describe('a new view', () => {
  const request = {
    schema: { ...wider, schemaId: 5 },
    version: sampleViewVersion({ versionId: 9, schemaId: 5 }),
    location: 'file:///lake/demo/v/',
    viewUuid: 'u',
    nowMs,
  }
  it('has schema 0 and version 1, with the current time', () => {
    const created = newViewMetadata(request)
    expect(created).toMatchObject({
      location: 'file:///lake/demo/v',
      schemas: [{ schemaId: 0 }],
      currentVersionId: 1,
      versions: [{ versionId: 1, schemaId: 0, timestampMs: nowMs }],
      versionLog: [{ versionId: 1, timestampMs: nowMs }],
      properties: {},
    })
    expect(readViewMetadata(writeViewMetadata(created))).toEqual(created)
  })
  it.each([-1, 0, 1])('has its schema, although the request names the schema %i', (schemaId) => {
    const created = newViewMetadata({ ...request, version: sampleViewVersion({ schemaId }) })
    expect(created.versions.map((version) => version.schemaId)).toEqual([0])
    expect(created.schemas).toEqual([{ ...wider, schemaId: 0 }])
  })
})

describe('an unreadable view is not written', () => {
  const field = { id: 1, name: 'n', required: false, type: 'long' } as const
  const schema = (overrides: Partial<Schema>): ViewUpdate => ({
    action: 'add-schema',
    schema: { ...wider, ...overrides },
  })

  it.each([
    ['a version whose id is not a 32-bit integer', replaceVersion({ versionId: 2 ** 31 }), /version-id/],
    ['a column whose id is not a 32-bit integer', [schema({ fields: [{ ...field, id: 2 ** 31 }] })], /fields\[0\]\.id/],
    ['an identifier field that does not exist', [schema({ identifierFieldIds: [7] })], /identifier field 7/],
    ['an identifier field that may be null', [schema({ identifierFieldIds: [1] })], /is optional/],
    [
      'a default value of another type',
      [schema({ fields: [{ ...field, type: 'date', initialDefault: 'soon' }] })],
      /default/,
    ],
  ] satisfies [string, ViewUpdate[], RegExp][])('with %s', (_name, updates, messagePattern) => {
    const error = catchAppError(() => apply(updates))
    expect(error.code).toBe('invalid-request')
    expect(error.message).toMatch(messagePattern)
  })

  it('when it is new', () => {
    const [version] = view.versions
    if (!version) throw new Error('the sample has versions')
    const error = catchAppError(() =>
      newViewMetadata({
        schema: { ...wider, schemaId: version.schemaId, identifierFieldIds: [7] },
        version,
        location: view.location,
        viewUuid: view.viewUuid,
        nowMs,
      }),
    )
    expect(error.message).toMatch(/identifier field 7/)
  })
})
