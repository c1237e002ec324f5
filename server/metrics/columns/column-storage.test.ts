import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { appendFiles } from '@/server/table/commit/append-files'
import { readFilePage } from '@/server/table/files/file-page'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import {
  columnChunk,
  fileMetaData,
  fileOf,
  rootElement,
  rowGroup,
  schemaElement,
} from '@/testing/parquet/hand-made-file'
import { int, list } from '@/testing/parquet/thrift-writer'
import { readColumnStorage } from './column-storage'

const home = createTestHome()
const { signal } = new AbortController()
const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'a', required: false, type: 'int' }],
}
const FILE = fileOf(
  fileMetaData({
    2: list(rootElement(1), schemaElement('a', { 9: int(1) })),
    4: list(rowGroup([columnChunk('a', {}, {})])),
  }),
  { pages: new Uint8Array(12) },
)

/** A table with a file of another writer, whose footer was not read yet. */
async function createTable(name: string) {
  const identifier = { catalog: home.services.config.catalogName, namespace: ['measured'], table: name }
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: identifier.namespace, properties: {} })
  const { metadata, store } = await catalog.write({ kind: 'create-table', table: identifier, schema: SCHEMA })
  const filePath = `${metadata.location}/data/a.parquet`
  const local = home.services.stores.localPath(filePath)
  mkdirSync(path.dirname(local), { recursive: true })
  writeFileSync(local, FILE)
  const files = [sampleDataFile(filePath, { recordCount: 1, fileSizeBytes: FILE.length })]
  const append = { catalog, store, identifier, files, specId: 0, schemaId: 0, actor: TEST_ACTOR, signal }
  await appendFiles(home.services.log, append)
  return catalog.loadTable(identifier)
}

it('A list of files reports the codecs of the footers that were read for the columns', async () => {
  const table = await createTable('foreign')
  const codecs = async () => {
    const { files } = await readFilePage(home.services, table, {}, { offset: 0, signal })
    return files.map(({ codec }) => codec)
  }
  expect(await codecs()).toEqual([null])
  const options = { signal, nowMs: Date.now() }
  const storage = await readColumnStorage(home.services, table, options)
  expect(storage).toMatchObject({ readFileCount: 1, columns: [{ codecs: [{ codec: 'uncompressed' }] }] })
  expect(await codecs()).toEqual(['uncompressed'])
  // From the cache, and with stored sizes.
  expect(await readColumnStorage(home.services, table, options)).toEqual(storage)
})
