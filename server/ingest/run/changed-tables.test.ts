import { describe, expect, it } from 'vitest'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { findStrayFiles, openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'

/** Tables that other programs change while the rows of a load are staged. */

const home = createTestHome()
const FIELDS = [column(1, 'id', 'int'), column(2, 'city', 'string'), column(3, 'n', 'int')]
const CSV = 'id,city,n\n1,Köln,5\n'

const withFields = (...fields: NestedField[]): TableUpdate[] => [
  { action: 'add-schema', schema: { schemaId: 1, identifierFieldIds: [], fields } },
  { action: 'set-current-schema', schemaId: -1 },
]
const EVOLVED: readonly (readonly [string, readonly TableUpdate[], readonly (string | null)[]])[] = [
  ['gets a column', withFields(...FIELDS, column(4, 'more', 'string')), ['1', 'Köln', '5', null]],
  ['loses a column', withFields(...FIELDS.slice(0, 2)), ['1', 'Köln']],
  [
    'loses a column, and gets another one with its name',
    withFields(...FIELDS.slice(0, 2), column(4, 'n', 'string')),
    ['1', 'Köln', null],
  ],
  [
    'has columns renamed, moved and promoted',
    withFields(column(3, 'city', 'long'), column(1, 'key', 'long'), column(2, 'n', 'string')),
    ['5', '1', 'Köln'],
  ],
  [
    'is partitioned and sorted otherwise',
    [
      {
        action: 'add-spec',
        spec: { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'c', transform: 'identity' }] },
      },
      { action: 'set-default-spec', specId: -1 },
      {
        action: 'add-sort-order',
        sortOrder: {
          orderId: 1,
          fields: [{ sourceId: 1, transform: 'identity', direction: 'desc', nullOrder: 'nulls-last' }],
        },
      },
      { action: 'set-default-sort-order', sortOrderId: -1 },
    ],
    ['1', 'Köln', '5'],
  ],
  ['becomes one of format version 3', [{ action: 'upgrade-format-version', formatVersion: 3 }], ['1', 'Köln', '5']],
]

describe('A table that meanwhile', () => {
  it.each(EVOLVED)('%s gets the rows as they were staged', async (_what, updates, row) => {
    const table = await LandingTable.create(home.services, { fields: FIELDS })
    const run = await table.load(CSV, 'append', { afterStaging: () => table.update(updates) })
    expect(run).toMatchObject({ state: 'succeeded', journal: null })
    const [loaded = [], ...others] = await table.rows()
    expect([loaded.slice(0, row.length), others]).toEqual([row, []])
  })

  const otherName = ({ identifier }: LandingTable) => ({ ...identifier, table: `${identifier.table}-other` })
  it.each([
    [
      'is dropped',
      'not-found',
      async ({ identifier }: LandingTable) =>
        (await openTestCatalog(home.services)).write({ kind: 'drop-table', table: identifier }),
    ],
    [
      'is renamed',
      'not-found',
      async (table: LandingTable) =>
        (await openTestCatalog(home.services)).write({
          kind: 'rename-table',
          table: table.identifier,
          to: otherName(table),
        }),
    ],
    [
      'is renamed, and its name given to another table',
      'version-conflict',
      async (table: LandingTable) => {
        const catalog = await openTestCatalog(home.services)
        await catalog.write({ kind: 'rename-table', table: table.identifier, to: otherName(table) })
        const schema = { schemaId: 0, identifierFieldIds: [], fields: FIELDS }
        await catalog.write({ kind: 'create-table', table: table.identifier, schema })
      },
    ],
  ])('%s gets no rows, and no file stays', async (what, code, change) => {
    const table = await LandingTable.create(home.services, { fields: FIELDS })
    await table.load(CSV, 'append')
    const strays = await findStrayFiles(home.services)
    const run = await table.load(CSV, 'append', { afterStaging: () => change(table) })
    expect([run.state, run.error?.code, run.journal]).toEqual(['failed', code, null])
    expect(run.error?.detail).toMatch(/while the load ran/)
    const left = (await findStrayFiles(home.services)).filter((file) => !strays.includes(file))
    // A dropped table keeps its files, which hold the rows of the first load.
    expect(left.filter((file) => file.endsWith('.parquet'))).toHaveLength(what === 'is dropped' ? 1 : 0)
  })
})

describe('A branch', () => {
  const dropAudit = (table: LandingTable) => () => table.update([{ action: 'remove-snapshot-ref', refName: 'audit' }])

  it.each([
    ['while the rows were staged', 'append', false],
    ['while the rows were staged', 'replace-table', false],
    ['while the commit was written', 'append', true],
    ['while the commit was written', 'replace-table', true],
  ] as const)('that was removed %s (%s) is not begun again at the tip of main', async (_when, operation, isLate) => {
    const table = await LandingTable.create(home.services, { fields: FIELDS })
    await table.landed(CSV, 'append')
    await table.landed('id,city,n\n2,Bonn,6\n', 'append', { branch: 'audit' })
    const { snapshots } = (await table.loaded()).metadata
    const drop = dropAudit(table)
    const run = isLate
      ? await table.landWhile(drop, CSV, operation, { branch: 'audit' })
      : await table.load(CSV, operation, { branch: 'audit', afterStaging: drop })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'version-conflict' }, journal: null })
    expect(run.error?.detail).toBe(
      'The table no longer has the branch audit. Nothing was committed. Create the branch again, or choose another one.',
    )
    const { metadata } = await table.loaded()
    expect(Object.keys(metadata.refs)).toEqual(['main'])
    expect(metadata.snapshots).toHaveLength(snapshots.length)
  })

  it('that does not exist is begun by a load, unless the load says that it must exist', async () => {
    const table = await LandingTable.create(home.services, { fields: FIELDS })
    const refused = await table.load(CSV, 'append', { branch: 'audit', branchMustExist: true })
    expect(refused).toMatchObject({ state: 'failed', error: { code: 'version-conflict' } })
    expect(Object.keys((await table.loaded()).metadata.refs)).toEqual([])
    await table.landed(CSV, 'append', { branch: 'audit' })
    await table.landed(CSV, 'append', { branch: 'audit', branchMustExist: true })
    expect(Object.keys((await table.loaded()).metadata.refs)).toEqual(['audit'])
  })
})
