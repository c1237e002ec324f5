import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FILE_SORTS, type FileSort } from '@/lib/contract/table/file-sorts'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { insertFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { Services } from '@/server/services'
import { appendFiles } from '@/server/table/commit/append-files'
import { createServicesAt } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { readFilePage } from './file-page'
import { readFileSummary } from './file-summary'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal
const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'part', required: false, type: 'long' }],
}
const SPEC = { specId: 0, fields: [{ sourceId: 1, fieldId: 1000, name: 'part', transform: 'identity' }] }
const identifier: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 'parts' }
const FILES_PER_COMMIT = 700
const FILE_COUNT = 3 * FILES_PER_COMMIT

let home: string
let services: Services
let catalog: CatalogClient
/** Locations of manifests that were read from the store. */
let reads: string[] = []

/** A file for each partition, in three manifests. */
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'file-page-'))
  services = createServicesAt(home)
  catalog = await services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({ kind: 'create-table', table: identifier, schema: SCHEMA, partitionSpec: SPEC })
  const { metadata } = await catalog.loadTable(identifier)
  for (let commit = 0; commit < 3; commit++) {
    await appendFiles(services.log, {
      catalog,
      store: services.stores.catalogStore('local'),
      identifier,
      files: Array.from({ length: FILES_PER_COMMIT }, (_, index) => {
        const part = commit * FILES_PER_COMMIT + index
        return sampleDataFile(`${metadata.location}/data/part=${part}/a.parquet`, {
          partition: [BigInt(part)],
          recordCount: 10 + (part % 7),
        })
      }),
      specId: 0,
      schemaId: 0,
      actor: ANN,
      signal,
    })
  }
})
afterAll(async () => {
  await services.database.close()
  await rm(home, { recursive: true })
})

type Options = { filter?: string; sort?: FileSort; offset?: number; manifest?: string; maxSearchedFiles?: number }

async function read({ offset = 0, ...options }: Options = {}) {
  const table = await catalog.loadTable(identifier)
  const store: typeof table.store = Object.create(table.store)
  store.read = (location, ...rest) => {
    if (location.endsWith('.avro') && !/snap-/.test(location)) reads.push(location)
    return table.store.read(location, ...rest)
  }
  return readFilePage(services, { ...table, store }, {}, { offset, signal, ...options })
}

const partsOf = ({ files }: Awaited<ReturnType<typeof read>>) =>
  files.map(({ partition }) => Number(partition.slice('part='.length)))

describe('The files of a snapshot', () => {
  it('match a filter wherever they are in the list', async () => {
    expect(await read({ filter: ' PART=1999 ' })).toMatchObject({
      totalCount: FILE_COUNT,
      searchedCount: FILE_COUNT,
      matchCount: 1,
      nextOffset: null,
      files: [{ partition: 'part=1999' }],
    })
    expect(await read({ filter: 'no such part' })).toMatchObject({
      matchCount: 0,
      files: [],
      searchedCount: FILE_COUNT,
    })
  })

  it('are sorted by the values of their partitions, page after page', async () => {
    const first = await read({ sort: '-partition' })
    const [second, third] = [
      await read({ sort: '-partition', offset: 1_000 }),
      await read({ sort: '-partition', offset: 2_000 }),
    ]
    expect([first.nextOffset, second.nextOffset, third.nextOffset]).toEqual([1_000, 2_000, null])
    expect([first, second, third].flatMap(partsOf)).toEqual(
      Array.from({ length: FILE_COUNT }, (_, index) => FILE_COUNT - 1 - index),
    )
  })

  it('stay in scan order when they have the same value', async () => {
    const page = await read({ sort: '-rows', filter: 'part=20' })
    const rows = page.files.map(({ recordCount }) => recordCount)
    expect(rows).toEqual(rows.toSorted((a, b) => b - a))
    const parts = partsOf(page).filter((part) => part % 7 === 6)
    expect(parts.length).toBeGreaterThan(5)
    expect(parts).toEqual(parts.toSorted((a, b) => a - b))
  })

  it('are sorted by the sizes in their footers, with unknown sizes last', async () => {
    const { metadata } = await catalog.loadTable(identifier)
    const measured = (part: number, plainBytes: number, codec: string, storedBytes = 50) =>
      insertFileSizes(metadata.tableUuid, `${metadata.location}/data/part=${part}/a.parquet`, {
        plainBytes,
        plainSource: 'counted',
        encodedBytes: 50,
        storedBytes,
        codecs: { part: codec },
      })
    await services.database.commit([measured(1_500, 300, 'zstd'), measured(20, 900, 'gzip', 200)])
    // 4.5 and 6: footers do not count, as on the dashboards.
    expect(partsOf(await read({ sort: 'ratio' })).slice(0, 3)).toEqual([20, 1_500, 0])
    expect(partsOf(await read({ sort: '-plain' })).slice(0, 3)).toEqual([20, 1_500, 0])
    expect(partsOf(await read({ sort: 'codec' })).slice(0, 3)).toEqual([20, 1_500, 0])
  })

  it('can be sorted by every column', async () => {
    for (const sort of FILE_SORTS) expect((await read({ sort })).files).toHaveLength(1_000)
  })

  it('are read once for all pages and orders', async () => {
    await read({ sort: '-partition' })
    reads = []
    await read({ sort: '-partition', offset: 1_000 })
    await read({ sort: 'rows', filter: '9' })
    expect(reads).toEqual([])
  })

  it('say how many of them were searched', async () => {
    expect(await read({ filter: 'part=1999', maxSearchedFiles: 1_000 })).toMatchObject({
      totalCount: FILE_COUNT,
      searchedCount: 1_000,
      matchCount: 0,
    })
    const all = await read({ filter: 'part=1999', maxSearchedFiles: FILE_COUNT })
    expect(all).toMatchObject({ totalCount: FILE_COUNT, searchedCount: FILE_COUNT, matchCount: 1 })
  })

  it('are searched in one manifest if it is named', async () => {
    const manifest = (await read()).files[0]?.manifestPath ?? ''
    expect(await read({ manifest, sort: '-partition', filter: 'part=', maxSearchedFiles: 1 })).toMatchObject({
      totalCount: FILES_PER_COMMIT,
      searchedCount: FILES_PER_COMMIT,
      matchCount: FILES_PER_COMMIT,
      manifestCount: 1,
      files: { 0: { partition: `part=${FILES_PER_COMMIT - 1}` } },
    })
  })
})

describe('The partitions of a snapshot', () => {
  it('are sorted by any column over all pages', async () => {
    const table = await catalog.loadTable(identifier)
    const first = await readFileSummary(services, table, {}, { offset: 0, sort: 'partition', signal })
    const last = await readFileSummary(services, table, {}, { offset: 2_000, sort: 'partition', signal })
    expect(first.partitions.map(({ partition }) => partition).slice(9, 11)).toEqual(['part=9', 'part=10'])
    expect(last.partitions.at(-1)?.partition).toBe(`part=${FILE_COUNT - 1}`)
    const byRows = await readFileSummary(services, table, {}, { offset: 0, sort: '-rows', signal })
    expect(byRows.partitions.slice(0, 2)).toMatchObject([
      { partition: 'part=6', rowCount: 16 },
      { partition: 'part=13', rowCount: 16 },
    ])
    expect(first.columns).toEqual([{ fieldId: 1, nullShare: null, lowerBound: null, upperBound: null }])
    expect(last.columns).toEqual([])
    expect(byRows.partitionsByFiles).toEqual([{ from: 1, to: 2, partitionCount: FILE_COUNT }])
  })
})
