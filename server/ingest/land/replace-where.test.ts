import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { findStrayFiles } from '@/testing/catalogs/test-catalog'
import { byCases } from '@/testing/property-cases'
import { createTestHome } from '@/testing/homes/test-home'
import { LANDED_FIELDS, LandingTable } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })

const MODES = [
  ['2', 'merge-on-read'],
  ['2', 'copy-on-write'],
  ['3', 'merge-on-read'],
  ['3', 'copy-on-write'],
] as const

function create([formatVersion, mode]: (typeof MODES)[number], partitionBy: string | null = 'city') {
  return LandingTable.create(home.services, {
    fields: LANDED_FIELDS,
    partitionBy,
    properties: { 'format-version': formatVersion, 'write.delete.mode': mode },
  })
}

/** Each format and each mode once. */
const SOME_MODES = [MODES[0], MODES[3]] as const

describe.each(byCases<readonly (typeof MODES)[number][]>(SOME_MODES, MODES))(
  'A load that replaces matching rows in format version %s, by %s',
  (...mode) => {
    it('removes whole files and rows of others, and adds the new rows, in one snapshot', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,a,2\n3,b,3\n4,c,\n', 'append')
      const run = await table.landed('id,city,n\n7,a,7\n8,b,8\n', 'replace-where', { where: 'city = "b" or n >= 2' })
      expect(run.outcome).toMatchObject({ rowsCommitted: 2, rowsRejected: 0 })
      expect(await table.rows()).toEqual([
        ['1', 'a', '1'],
        ['4', 'c', null],
        ['7', 'a', '7'],
        ['8', 'b', '8'],
      ])
      expect(await table.summary()).toMatchObject({ operation: 'overwrite', 'lakeshore.run-id': run.id })
      expect((await table.loaded()).metadata.snapshots).toHaveLength(2)
      expect((await table.files()).some(({ dataFile }) => dataFile.content !== 'data')).toBe(
        mode[1] === 'merge-on-read',
      )
      expect(await findStrayFiles(home.services)).toEqual([])
    })

    it('fails and changes nothing when a new row does not match, or may not', async () => {
      const table = await create(mode, null)
      await table.landed('id,city,n\n1,a,1\n2,a,2\n', 'append')
      const where = 'n > 1'
      for (const row of ['7,a,1', '7,a,']) {
        const run = await table.load(`id,city,n\n6,a,5\n${row}\n`, 'replace-where', { where })
        expect(run).toMatchObject({ state: 'failed', error: { code: 'rows-rejected', facts: { rowsRejected: 1 } } })
        const rejects = home.services.stores.localPath(String(run.error?.facts['rejectsFile']))
        expect(readFileSync(rejects, 'utf8')).toContain('is in a row that does not match n > 1')
      }
      expect(await table.rows()).toEqual([
        ['1', 'a', '1'],
        ['2', 'a', '2'],
      ])
    })

    it('removes the rows that match when the file has none', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
      await table.landed('id,city,n\n', 'replace-where', { where: 'city = "b"' })
      expect(await table.rows()).toEqual([['1', 'a', '1']])
      expect(await table.summary()).toMatchObject({ operation: 'delete' })
    })

    it('fails when another writer adds rows that may match, or deletes some, and not for other rows', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,b,2\n3,b,3\n', 'append')
      const where = 'city = "b"'
      const whileOther = (csv: string) =>
        table.landWhile(() => table.appendAsOther(csv), 'id,city,n\n9,b,9\n', 'replace-where', { where })
      expect(await whileOther('id,city,n\n5,b,5\n')).toMatchObject({
        state: 'failed',
        error: { code: 'commit-conflict' },
      })
      expect(await table.rows()).toHaveLength(4)
      expect((await whileOther('id,city,n\n6,a,6\n')).state).toBe('succeeded')
      expect((await table.rows()).map(([id]) => id)).toEqual(['1', '6', '9'])
      const [file] = (await table.dataFiles()).filter(({ partitionLabel }) => partitionLabel === 'city=b')
      if (!file) throw new Error('no file')
      const run = await table.landWhile(
        () => deleteRows(home.services, table.identifier, file, [0]),
        'id,city,n\n10,b,10\n',
        'replace-where',
        { where },
      )
      expect(run).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' } })
      expect(await findStrayFiles(home.services)).toEqual([])
    })

    it('fails when another writer added rows that may match while the file was read', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
      const run = await table.load('id,city,n\n9,b,9\n', 'replace-where', {
        where: 'city = "b"',
        afterStaging: () => table.appendAsOther('id,city,n\n5,b,5\n'),
      })
      expect(run).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' } })
      expect((await table.rows()).map(([id]) => id)).toEqual(['1', '2', '5'])
    })

    it('replaces rows of a branch that begins with it', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
      await table.landed('id,city,n\n9,b,9\n', 'replace-where', { where: 'city = "b"', branch: 'audit' })
      expect((await table.rows()).map(([id]) => id)).toEqual(['1', '2'])
      expect((await table.rows('audit')).map(([id]) => id)).toEqual(['1', '9'])
    })
  },
)

it('A load that replaces matching rows has a filter, and no other load has one', async () => {
  const table = await create(['2', 'merge-on-read'])
  for (const [operation, options] of [
    ['replace-where', {}],
    ['append', { where: 'n = 1' }],
    ['replace-where', { where: 'nothing = 1' }],
  ] as const)
    expect(await table.load('id,city,n\n1,a,1\n', operation, options)).toMatchObject({
      state: 'failed',
      error: { code: 'invalid-request' },
    })
})

const EXACT_FILTERS = [
  ['n = 9223372036854775807', '9223372036854775807', '9223372036854775806', 'long'],
  ['n = 12345678901234567890.124', '12345678901234567890.124', '12345678901234567890.125', 'decimal(23, 3)'],
  ['n > 1', '1.5', 'NaN', 'double'],
  ['n < 0.1', '0.05', '0.1', 'float'],
  ['n = 0', '-0', '1', 'double'],
  ['n is nan', 'NaN', '1', 'double'],
  ['n != 1', 'NaN', '1', 'double'],
  ['n starts with "é"', 'é1', 'e1', 'string'],
  ['n > "zz"', 'é', 'zz', 'string'],
  ['n <= "2024-01-31T23:59:59.999999999"', '2024-01-31T23:59:59.999999999', '2024-02-01T00:00:00', 'timestamp_ns'],
  ['n < "2024-02-01T00:00:00+01:00"', '2024-01-31T22:59:59.999999999Z', '2024-01-31T23:00:00Z', 'timestamptz_ns'],
  ['n < "2024-02-01T00:00:00+01:00"', '2024-01-31T22:59:59.999999Z', '2024-01-31T23:00:00Z', 'timestamptz'],
  [
    'n = "00000000-0000-0000-0000-000000000001"',
    '00000000-0000-0000-0000-000000000001',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'uuid',
  ],
  ['n >= "ff"', 'ff00', 'fe', 'binary'],
  ['n in (1, 2)', '2', '3', 'int'],
  ['n = true', 'true', 'false', 'boolean'],
  ['n > "2024-01-01"', '2024-01-02', '2024-01-01', 'date'],
] as const

it.each(
  byCases<readonly (typeof EXACT_FILTERS)[number][]>(
    EXACT_FILTERS.filter((_, i) => i % 4 === 1),
    EXACT_FILTERS,
  ),
)('A new row has to pass the filter %s exactly: %s does, and %s does not', async (where, passing, failing, type) => {
  const table = await LandingTable.create(home.services, {
    fields: [column(1, 'id', 'long', true), column(2, 'n', type)],
    properties: { 'format-version': type.includes('_ns') ? '3' : '2' },
  })
  expect((await table.load(`id,n\n1,${passing}\n`, 'replace-where', { where })).error).toBeNull()
  const { error } = await table.load(`id,n\n2,${failing}\n`, 'replace-where', { where })
  expect(error).toMatchObject({ code: 'rows-rejected' })
  expect((await table.rows()).map(([id]) => id)).toEqual(['1'])
  // The row that was added is one that the next load replaces.
  await table.landed('id,n\n', 'replace-where', { where })
  expect(await table.rows()).toEqual([])
})
