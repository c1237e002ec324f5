import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { columnSettingKey } from '@/lib/iceberg/properties/column-settings'
import { readLiveFiles } from '@/server/table/live-files'
import { readColumnStorage } from './column-storage'

const home = createTestHome()
const options = { signal: new AbortController().signal, nowMs: Date.now() }
const SCHEMA = {
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'kind', required: false, type: 'string' },
    { id: 3, name: 'note', required: false, type: 'string' },
  ],
}
/** 5,000 different notes of ten characters, and five kinds of five. */
const CSV = `id,kind,note\n${Array.from({ length: 5000 }, (_, i) => `${i},kind${i % 5},note-${String(i).padStart(5, '0')}\n`).join('')}`

function identifier(table: string) {
  return { catalog: home.services.config.catalogName, namespace: ['ns'], table }
}

async function dataFiles(table: Awaited<ReturnType<typeof loadCsv>>) {
  const snapshot = table.metadata.snapshots.at(-1) ?? null
  const files = await readLiveFiles(home.services.manifestCache, table, snapshot, { store: table.store })
  return files.map(({ dataFile }) => dataFile)
}

describe('What data files contain of each column', () => {
  it('is what their footers say, added up over files of different codecs', async () => {
    await loadCsv(home.services, identifier('codecs'), CSV, { schema: SCHEMA })
    const catalog = await openTestCatalog(home.services)
    await catalog.commitTable(identifier('codecs'), {
      requirements: [],
      updates: [
        {
          action: 'set-properties',
          updates: {
            [columnSettingKey(3, 'compression-codec')]: 'gzip',
            [columnSettingKey(3, 'dictionary')]: 'drop',
            [columnSettingKey(3, 'page-row-limit')]: '1000',
          },
        },
      ],
    })
    const table = await loadCsv(home.services, identifier('codecs'), CSV)
    const files = await dataFiles(table)
    const storage = await readColumnStorage(home.services, table, options)
    const fileBytes = files.reduce((sum, { fileSizeBytes }) => sum + fileSizeBytes, 0)
    expect(storage).toMatchObject({
      fileCount: 2,
      readFileCount: 2,
      fileBytes,
      readFileBytes: fileBytes,
      unreadable: [],
      columnCount: 3,
      droppedColumnBytes: 0,
    })
    const [id, kind, note] = storage.columns.toSorted((a, b) => a.fieldId - b.fieldId)
    expect(id).toMatchObject({ plainBytes: 2 * 5000 * 8, isPlainEstimated: false, codecs: [{ codec: 'zstd' }] })
    expect(kind).toMatchObject({ plainBytes: 2 * 5000 * 5, hasDictionary: true, gaveUpDictionary: false })
    expect(kind?.encodings).toEqual(['PLAIN_DICTIONARY'])
    expect(note).toMatchObject({ column: ['note'], type: 'string', plainBytes: 2 * 5000 * 10 })
    expect(note?.codecs.map(({ codec }) => codec).toSorted()).toEqual(['gzip', 'zstd'])
    // One page of the first load, and five of the second.
    expect(note?.pages?.count).toBe(6)
    const paths = files.map(({ filePath }) => `'${filePath.slice('file://'.length)}'`).join(', ')
    const rows = await queryDuckdb(
      `SELECT sum(total_compressed_size)::VARCHAR, sum(total_uncompressed_size)::VARCHAR FROM parquet_metadata([${paths}]) WHERE path_in_schema = 'note'`,
    )
    expect(rows).toEqual([[String(note?.storedBytes), String(note?.encodedBytes)]])
  })

  it('covers a column of the schema that no file has, and files that cannot be read are named', async () => {
    const table = await loadCsv(home.services, identifier('broken'), CSV, { schema: SCHEMA })
    const [file] = await dataFiles(table)
    rmSync((file?.filePath ?? '').slice('file://'.length))
    const storage = await readColumnStorage(home.services, table, options)
    expect(storage).toMatchObject({ fileCount: 1, readFileCount: 0, unreadableCount: 1, columnCount: 3 })
    expect(storage.unreadable[0]?.path).toBe(file?.filePath)
    expect(storage.columns[0]).toMatchObject({ storedBytes: 0, codecs: [], pages: null })
  })

  it('stops at its time budget and says how many files were read', async () => {
    const table = await loadCsv(home.services, identifier('slow'), CSV, { schema: SCHEMA })
    const storage = await readColumnStorage(home.services, table, { ...options, timeBudgetMs: 0 })
    expect(storage.fileCount).toBe(1)
    expect(storage.readFileCount + storage.unreadableCount).toBeLessThanOrEqual(1)
  })
})
