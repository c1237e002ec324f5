import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { HASHED_CSV, HASHED_LAYOUTS, hashedFiles } from '@/testing/ingest/hashed-files'
import { LANDED_FIELDS, LANDING_STEPS, LandingTable } from '@/testing/ingest/landing-table'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'

/** PyIceberg reads the rows that loads leave, after each way to land. */

const python = installPyiceberg()
const home = createTestHome()

describe.skipIf(python === null)('Loads in PyIceberg (skipped when it is unavailable)', () => {
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

  const readIn = async (table: LandingTable, branch: string): Promise<string[]> => {
    const { metadata } = await table.loaded()
    const snapshotId = metadata.refs[branch]?.snapshotId
    return session.request<string[]>({
      code: `
t = catalog.load_table(('landing', '${table.identifier.table}'))
rows = t.scan(snapshot_id=${snapshotId}).to_arrow().to_pylist()
answer = sorted(str([None if v is None else str(v) for v in row.values()]) for row in rows)`,
    })
  }

  test.each([
    ['2', 'merge-on-read'],
    ['3', 'merge-on-read'],
    ['2', 'copy-on-write'],
    ['3', 'copy-on-write'],
  ])('read the same after each operation in format version %s, by %s', async (formatVersion, mode) => {
    const table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      identifierFieldIds: [1],
      partitionBy: 'city',
      properties: { 'format-version': formatVersion, 'write.merge.mode': mode, 'write.delete.mode': mode },
    })
    for (const { csv, operation, branch, where } of LANDING_STEPS) {
      await table.landed(csv, operation, { branch, ...(where !== undefined && { where }) })
      const ours = (await table.rows(branch ?? 'main')).map(
        (row) => `[${row.map((value) => (value === null ? 'None' : `'${value}'`)).join(', ')}]`,
      )
      expect(await readIn(table, branch ?? 'main'), operation).toEqual(ours.sort())
    }
  })

  test.each(['2', '3'])('read the same when manifests were merged in format version %s', async (formatVersion) => {
    const table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      identifierFieldIds: [1],
      partitionBy: 'city',
      properties: { 'format-version': formatVersion, 'commit.manifest.min-count-to-merge': '10' },
    })
    const inspect = (expression: string) =>
      session.request<unknown>({
        code: `t = catalog.load_table(('landing', '${table.identifier.table}'))\nanswer = ${expression}`,
      })
    const append = async (from: number, to: number) => {
      for (let id = from; id < to; id += 1) await table.appendAsOther(`id,city,n\n${id},c${id % 3},${id}\n`)
    }
    await append(0, 9)
    await table.landed('id,city,n\n3,c0,30\n', 'upsert')
    const [before, snapshotId] = [await readIn(table, 'main'), (await table.loaded()).metadata.currentSnapshotId]
    await append(9, 120)
    const after = await readIn(table, 'main')
    expect(after).toHaveLength(120)
    expect(after.filter((row) => Number(/\d+/.exec(row)?.[0]) < 9)).toEqual(before)
    expect(after).toContain("['3', 'c0', '30']")
    const manifestCount = await inspect(
      "len([m for m in t.current_snapshot().manifests(t.io) if str(m.content) == 'ManifestContent.DATA'])",
    )
    expect(manifestCount).toBeLessThan(12)
    // Each file keeps the sequence number of its commit, and the snapshot from before reads as it did.
    const numbers = await inspect(
      "sorted(e['sequence_number'] for e in t.inspect.entries().to_pylist() if e['data_file']['content'] == 0)",
    )
    // The upsert replaced the only row of the fourth file.
    expect(numbers).toEqual(Array.from({ length: 121 }, (_, i) => i + 1).filter((number) => number !== 4))
    expect(await inspect(`t.scan(snapshot_id=${snapshotId}).to_arrow().num_rows`)).toBe(9)
  })

  test.each(HASHED_LAYOUTS)('have their files where PyIceberg would write them, with %j', async (layout) => {
    const table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      partitionBy: 'city',
      properties: { 'write.object-storage.enabled': 'true', ...layout },
    })
    await table.landed(HASHED_CSV, 'append')
    const files = await hashedFiles(table)
    const locations = await session.request<string[]>({
      code: `
from types import SimpleNamespace
from pyiceberg.table.locations import load_location_provider
t = catalog.load_table(('landing', '${table.identifier.table}'))
provider = load_location_provider(t.location(), t.properties)
answer = [
    provider.new_data_location(name, SimpleNamespace(to_path=lambda: folder))
    for folder, name in ${JSON.stringify(files.map(({ folder, name }) => [folder, name]))}
]`,
    })
    expect(files.map(({ location }) => location)).toEqual(locations)
  })
})
