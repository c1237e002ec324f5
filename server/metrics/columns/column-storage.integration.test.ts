import { mkdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { loadCsv } from '@/testing/ingest/load-table'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import type { Schema } from '@/lib/iceberg/schema/types'
import { NAME_MAPPING_PROPERTY } from '@/lib/iceberg/properties/name-mapping'
import { columnSettingKey } from '@/lib/iceberg/properties/column-settings'
import { appendFiles } from '@/server/table/commit/append-files'
import { readLiveFiles } from '@/server/table/files/live-files'
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
    await catalog.write({
      kind: 'commit-table',
      table: identifier('codecs'),
      change: {
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
      },
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
    expect(kind).toMatchObject({ plainBytes: 2 * 5000 * 5, hasDictionary: true, hasDictionaryFallback: false })
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

describe('Columns of a file without field ids', () => {
  const table = () => ({ catalog: home.services.config.catalogName, namespace: ['imported'], table: 'people' })
  const [id, kind, note, newKind] = ['id', 'kind', 'note', 'kind'].map((name, i) => ({
    id: i + 1,
    name,
    required: false,
    type: 'string' as const,
  }))
  if (!id || !kind || !note || !newKind) throw new Error('no fields')
  const before: Schema = { schemaId: 0, identifierFieldIds: [], fields: [id, kind, note] }
  /** `note` is renamed, and `kind` dropped and added again. */
  const after: Schema = { ...before, schemaId: 1, fields: [id, { ...note, name: 'remark' }, newKind] }

  async function importFile(): Promise<void> {
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: ['imported'], properties: {} })
    const { metadata, store } = await catalog.write({ kind: 'create-table', table: table(), schema: before })
    const filePath = `${metadata.location}/data/imported.parquet`
    const local = home.services.stores.localPath(filePath)
    mkdirSync(path.dirname(local), { recursive: true })
    await queryDuckdb(
      `COPY (SELECT i::VARCHAR AS id, 'k' || i AS kind, 'n' || i AS note FROM range(100) t(i)) TO '${local}' (FORMAT parquet)`,
    )
    await appendFiles(home.services.log, {
      catalog,
      store,
      identifier: table(),
      files: [sampleDataFile(filePath, { recordCount: 100, fileSizeBytes: statSync(local).size })],
      specId: 0,
      schemaId: 0,
      actor: TEST_ACTOR,
      signal: options.signal,
    })
    await catalog.write({
      kind: 'commit-table',
      table: table(),
      change: {
        requirements: [],
        updates: [
          { action: 'add-schema', schema: after },
          { action: 'set-current-schema', schemaId: -1 },
        ],
      },
    })
  }

  async function readWith(mapping: object | null) {
    const catalog = await openTestCatalog(home.services)
    if (mapping !== null) {
      const updates = { [NAME_MAPPING_PROPERTY]: JSON.stringify(mapping) }
      await catalog.write({
        kind: 'commit-table',
        table: table(),
        change: { requirements: [], updates: [{ action: 'set-properties', updates }] },
      })
    }
    const { columns, ...storage } = await readColumnStorage(home.services, await catalog.loadTable(table()), options)
    const filled = columns.filter(({ storedBytes }) => storedBytes > 0).map(({ column }) => column.join('.'))
    return { ...storage, filled: filled.toSorted() }
  }

  it('are found by the name mapping of the table only, never by their names', async () => {
    await importFile()
    const unmapped = await readWith(null)
    expect(unmapped).toMatchObject({ readFileCount: 0, unreadableCount: 1, filled: [], droppedColumnBytes: 0 })
    expect(unmapped.unreadable[0]?.reason).toContain('no field ids')
    const mapping = [
      { 'field-id': 1, names: ['id'] },
      { 'field-id': 2, names: ['kind'] },
      { 'field-id': 3, names: ['note', 'remark'] },
    ]
    const mapped = await readWith(mapping)
    expect(mapped).toMatchObject({ readFileCount: 1, unreadableCount: 0, filled: ['id', 'remark'] })
    expect(mapped.droppedColumnBytes).toBeGreaterThan(0)
    const remapped = await readWith([
      ...mapping.filter((field) => field['field-id'] !== 2),
      { 'field-id': 4, names: ['kind'] },
    ])
    expect(remapped).toMatchObject({ filled: ['id', 'kind', 'remark'], droppedColumnBytes: 0 })
  })
})
