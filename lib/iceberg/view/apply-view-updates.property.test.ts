import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import { applyViewUpdates } from './apply-view-updates'
import { sampleViewVersion, sampleView } from '@/testing/iceberg/sample-view'
import { readViewMetadata, writeViewMetadata } from './view-metadata-json'
import type { ViewMetadata, ViewVersion } from './view-metadata'
import type { ViewUpdate } from './view-update'

/** Invariants after any sequence of commits. */

const START = sampleView({ unknownFields: { future: 9_007_199_254_740_993n } })

const version: fc.Arbitrary<ViewVersion> = fc
  .record({
    versionId: fc.integer({ min: -1, max: 40 }),
    schemaId: fc.constantFrom(-1, 0, 1, 2),
    timestampMs: fc.integer({ min: 0, max: 1_800_000_000_000 }),
    representations: fc.array(
      fc.record({
        type: fc.constant('sql' as const),
        sql: fc.constantFrom('SELECT 1', 'SELECT 2'),
        dialect: fc.constantFrom('spark', 'trino', 'Trino'),
      }),
      { maxLength: 3 },
    ),
    unknownFields: fc.constant({ future: [1] }),
  })
  .map((change) => sampleViewVersion(change))

const update: fc.Arbitrary<ViewUpdate> = fc.oneof(
  version.map((viewVersion): ViewUpdate => ({ action: 'add-view-version', viewVersion })),
  fc
    .constantFrom(-1, -1, -1, 1, 2, 3, 4, 7)
    .map((viewVersionId): ViewUpdate => ({ action: 'set-current-view-version', viewVersionId })),
  fc.nat(2).map(
    (id): ViewUpdate => ({
      action: 'add-schema',
      schema: { schemaId: 9, identifierFieldIds: [], fields: [{ id, name: 'n', required: false, type: 'long' }] },
    }),
  ),
  fc.constantFrom('1', '3', 'many').map(
    (count): ViewUpdate => ({
      action: 'set-properties',
      updates: { 'version.history.num-entries': count, 'replace.drop-dialect.allowed': 'true' },
    }),
  ),
  fc.constant<ViewUpdate>({ action: 'remove-properties', removals: ['version.history.num-entries'] }),
)

it('keeps a view readable, its log in order, and existing parts unchanged', () => {
  const runs = propertyRuns(300)
  let changeCount = 0
  fc.assert(
    fc.property(fc.array(fc.array(update, { minLength: 1, maxLength: 4 }), { maxLength: 25 }), (commits) => {
      let view = START
      for (const [index, updates] of commits.entries()) {
        const before = view
        view = tryCommit(before, updates, 1_700_000_000_000 + index * 60_000)
        if (view !== before) changeCount += 1
        expectConsistent(view)
        for (const known of before.versions) {
          const remaining = view.versions.find(({ versionId }) => versionId === known.versionId)
          expect(remaining ?? known).toEqual(known)
        }
      }
    }),
    runs,
  )
  expect(changeCount).toBeGreaterThan(runs.numRuns)
})

function tryCommit(view: ViewMetadata, updates: readonly ViewUpdate[], nowMs: number): ViewMetadata {
  try {
    return applyViewUpdates(view, updates, { nowMs })
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-request') return view
    throw error
  }
}

function expectConsistent(view: ViewMetadata): void {
  expect(readViewMetadata(writeViewMetadata(view))).toEqual(view)
  expect(view.unknownFields).toEqual(START.unknownFields)
  const versionIds = view.versions.map(({ versionId }) => versionId)
  expect(new Set(versionIds).size).toBe(versionIds.length)
  expect(new Set(view.schemas.map(({ schemaId }) => schemaId)).size).toBe(view.schemas.length)
  for (const { schemaId } of view.versions) expect(view.schemas.map((schema) => schema.schemaId)).toContain(schemaId)
  expect(versionIds).toContain(view.currentVersionId)
  expect(view.versionLog.at(-1)?.versionId).toBe(view.currentVersionId)
  for (const { versionId } of view.versionLog) expect(versionIds).toContain(versionId)
  const times = view.versionLog.map(({ timestampMs }) => timestampMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
}
