import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { LANDED_FIELDS, LandingTable } from '@/testing/ingest/landing-table'
import { deleteMatchingRows } from '@/testing/jobs/delete-rows'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'

/** PyIceberg reads the rows that deletions by a filter leave. */

const python = installPyiceberg()
const home = createTestHome()

const APPENDS = ['1,a,1\n2,a,2\n3,b,3\n4,b,\n5,c,5\n6,,6', '9007199254740993,a,1\n9007199254740992,a,2\n7,é,7']
/** Whole files, rows of a file, rows that are already deleted, and none. */
const FILTERS = [
  ['city = "b" and n is null', 1],
  ['id >= 9007199254740993 or city = "c"', 2],
  ['n < 3 and id < 3 and city starts with "a"', 2],
  ['city is null or n = 3', 2],
  ['id = 12', 0],
  ['not (city = "é")', 1],
] as const

describe.skipIf(python === null)('Deletions of rows in PyIceberg (skipped when it is unavailable)', () => {
  let listener: RestListener
  let session: PythonSession

  beforeAll(async () => {
    listener = await startRestListener(home.services)
    const token = await createRestTokenAs(home.services, 'admin')
    session = openPyiceberg({ uri: listener.uri, token, warehouse: 'local' })
  })
  afterAll(async () => {
    await session?.stop()
    await listener?.stop()
  })

  test.each([
    ['1', 'copy-on-write', 'city'],
    ['2', 'merge-on-read', 'city'],
    ['2', 'copy-on-write', null],
    ['3', 'merge-on-read', null],
    ['3', 'copy-on-write', 'city'],
  ])('leave the same rows in format version %s, by %s, partitioned by %s', async (formatVersion, mode, partitionBy) => {
    const table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      partitionBy,
      properties: { 'format-version': formatVersion, 'write.delete.mode': mode },
    })
    for (const rows of APPENDS) await table.appendAsOther(`id,city,n\n${rows}\n`)
    for (const [filter, rowCount] of FILTERS) {
      const { outcome } = await deleteMatchingRows(home.services, table.identifier, filter)
      const ours = (await table.rows()).map(
        (row) => `[${row.map((value) => (value === null ? 'None' : `'${value}'`)).join(', ')}]`,
      )
      const theirs = await session.request<string[]>({
        code: `
rows = catalog.load_table(('landing', '${table.identifier.table}')).scan().to_arrow().to_pylist()
answer = sorted(str([None if v is None else str(v) for v in row.values()]) for row in rows)`,
      })
      expect(theirs, filter).toEqual(ours.sort())
      expect(outcome?.rowsDeleted, filter).toBe(rowCount)
    }
    expect(await table.rows()).toEqual([['7', 'é', '7']])
  })
})
