import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { HASHED_CSV, HASHED_LAYOUTS, hashedFiles } from '@/testing/ingest/hashed-files'
import { LANDED_FIELDS, LANDING_STEPS, LandingTable } from '@/testing/ingest/landing-table'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'

/** Spark reads the rows that loads leave, and deletes and merges rows of them, which has to agree with the next upsert. */

const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const home = createTestHome()

describe.skipIf(spark === null || jar === null)('Loads in Spark (skipped when it is unavailable)', () => {
  let listener: RestListener
  let session: PythonSession

  beforeAll(async () => {
    listener = await startRestListener(home.services)
    const token = await createRestTokenAs(home.services, 'admin')
    session = openSpark({ uri: listener.uri, token, warehouse: 'local' })
  })
  afterAll(async () => {
    await session?.stop()
    await listener?.stop()
  })

  const sql = (statement: string) => session.request<(string | null)[][]>({ sql: statement })
  const readIn = async ({ identifier: { table } }: LandingTable, branch: string) =>
    (await sql(`SELECT * FROM landing.${table} VERSION AS OF '${branch}'`)).map((row) => JSON.stringify(row)).sort()
  const readHere = async (table: LandingTable, branch: string) =>
    (await table.rows(branch)).map((row) => JSON.stringify(row)).sort()

  test.each(['2', '3'])('read the same after each operation in format version %s', async (formatVersion) => {
    const table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      identifierFieldIds: [1],
      partitionBy: 'city',
      properties: { 'format-version': formatVersion, 'write.delete.mode': 'merge-on-read' },
    })
    for (const { csv, operation, branch, where } of LANDING_STEPS) {
      await table.landed(csv, operation, { branch, ...(where !== undefined && { where }) })
      expect(await readIn(table, branch ?? 'main'), operation).toEqual(await readHere(table, branch ?? 'main'))
    }
    await table.landed('id,city,n\n50,a,0\n51,a,0\n52,a,0\n53,a,0\n', 'append')
    await sql(`DELETE FROM landing.${table.identifier.table} WHERE id = 50`)
    const { outcome } = await table.landed('id,city,n\n50,b,1\n51,b,1\n', 'upsert')
    expect(outcome).toMatchObject({ rowsUpdated: 1, rowsInserted: 1 })
    await sql(`DELETE FROM landing.${table.identifier.table} WHERE id = 52`)
    expect(await readIn(table, 'main')).toEqual(await readHere(table, 'main'))
  })

  test.each([...HASHED_LAYOUTS, { 'write.data.path': 'elsewhere' }])(
    'have their files where Iceberg for Java would write them, with %j',
    async (layout) => {
      const properties = {
        'write.object-storage.enabled': 'true',
        ...layout,
        ...('write.data.path' in layout && { 'write.data.path': `${home.config.warehouse}/elsewhere` }),
      }
      const table = await LandingTable.create(home.services, { fields: LANDED_FIELDS, partitionBy: 'city', properties })
      await table.landed(HASHED_CSV, 'append')
      const files = await hashedFiles(table)
      const { location } = (await table.loaded()).metadata
      const isPartitioned = !('write.object-storage.partitioned-paths' in layout)
      const locations = await session.request<string[]>({
        code: `
properties = spark._jvm.java.util.HashMap()
for name, value in ${JSON.stringify(Object.entries(properties))}:
    properties.put(name, value)
provider = spark._jvm.org.apache.iceberg.LocationProviders.locationsFor(${JSON.stringify(location)}, properties)
answer = [provider.newDataLocation(name) for name in ${JSON.stringify(files.map(({ folder, name }) => (isPartitioned ? `${folder}/${name}` : name)))}]`,
      })
      expect(files.map((file) => file.location)).toEqual(locations)
    },
  )
})
