import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { appendFiles } from '@/server/table/commit/append-files'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { listPurgedFiles } from './purged-files'

const ANN: Actor = actorFor({ userId: 'u1', username: 'ann', role: 'editor' })
const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: tmpdir() })
const signal = new AbortController().signal

let catalog: CatalogClient
let listener: RestListener
let table: TableIdentifier
let tableCount = 0

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  listener = await startRestListener(home.services)
  const token = await createRestTokenAs(home.services, 'editor')
  const { userId, username } = await signInAs(home.services, 'admin')
  const admin = actorFor({ userId, username, role: 'admin' })
  await addMirror(home, { name: 'mirror', listener, token, admin, storage: 'local' })
})
afterAll(() => listener.stop())
beforeEach(async () => {
  tableCount += 1
  table = { catalog: 'local', namespace: ['demo'], table: `t${tableCount}` }
  await catalog.write({ kind: 'create-table', table, schema: ONE_COLUMN_SCHEMA })
})

const locationOf = async () => (await catalog.loadTable(table)).metadata.location
const append = (location: string) =>
  appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier: table,
    files: [sampleDataFile(location)],
    specId: 0,
    schemaId: 0,
    actor: ANN,
    signal,
  })
const list = (name: 'local' | 'mirror') =>
  listPurgedFiles(home.services, { ...table, catalog: name }, { actor: ANN, signal })
const dataFiles = ({ files }: Awaited<ReturnType<typeof list>>) =>
  files.filter(({ kind }) => kind === 'data').map((file) => file.location)

test('The list of files that go through a connection has those outside of the folders, too, and says how many', async () => {
  const own = `${await locationOf()}/data/a.parquet`
  const outside = `${await locationOf()}-outside/b.parquet`
  await append(own)
  await append(outside)
  const here = await list('local')
  expect(here).toMatchObject({ retainedFileCount: 1, outsideFileCount: 0, missingCount: 0, isCatalogPurge: false })
  expect(dataFiles(here)).toEqual([own])
  const there = await list('mirror')
  expect(there).toMatchObject({ retainedFileCount: 0, outsideFileCount: 1, missingCount: 0, isCatalogPurge: true })
  expect(dataFiles(there).toSorted()).toEqual([outside, own].toSorted())
})

test.each(['manifest', 'manifest-list'] as const)(
  'The list of files that go says when a %s is gone, which alone named some of them',
  async (kind) => {
    await append(`${await locationOf()}/data/a.parquet`)
    const gone = (await list('local')).files.find((file) => file.kind === kind)
    rmSync(fileURLToPath(gone?.location ?? ''))
    for (const name of ['local', 'mirror'] as const) {
      const listed = await list(name)
      expect(listed).toMatchObject({ missingCount: 1 })
      expect(dataFiles(listed)).toEqual([])
    }
  },
)
