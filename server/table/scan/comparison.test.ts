import { beforeAll, describe, expect, test } from 'vitest'
import { type SnapshotComparison, snapshotComparison } from '@/lib/contract/table/comparison'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { grantsOfRole } from '@/lib/permissions'
import { addDeleteFiles } from '@/testing/catalogs/add-delete-files'
import { createTestHome } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { appendFiles } from '../commit/append-files'
import { commitIntents } from '@/server/changes/actions/change-table'
import { buildComparison, listDifferingFilePage } from './comparison'
import { openScan } from './open-scan'

const home = createTestHome()
const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const { signal } = new AbortController()

let catalog: CatalogClient
beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})

describe('A comparison of two snapshots', () => {
  test('lists the files that only one of them has, with what the others need', async () => {
    const identifier = await table('appended')
    const first = await append(identifier, 'a', 'b')
    await append(identifier, 'c')
    const compared = await compare(identifier, { before: { snapshotId: first }, after: {} })
    expect(names(compared.before)).toEqual([])
    expect(names(compared.after)).toEqual(['c'])
    expect(compared).toMatchObject({
      shared: { fileCount: 2 },
      before: {
        snapshotId: first,
        rowCount: 20,
        differing: { fileCount: 0, rowCount: 0, bytes: 0 },
        commitCount: null,
      },
      after: { rowCount: 30, differing: { fileCount: 1, rowCount: 10 }, commitCount: 1, operation: 'append' },
    })
    const reversed = await compare(identifier, { before: {}, after: { snapshotId: first } })
    expect([names(reversed.before), names(reversed.after)]).toEqual([['c'], []])
    expect([reversed.before.commitCount, reversed.after.commitCount]).toEqual([1, null])
  })

  test('has no files if both are the same', async () => {
    const identifier = await table('same')
    const first = await append(identifier, 'a')
    const compared = await compare(identifier, { before: { snapshotId: first }, after: { ref: 'main' } })
    expect([names(compared.before), names(compared.after)]).toEqual([[], []])
    expect(compared).toMatchObject({ shared: { fileCount: 1 }, after: { commitCount: 0 } })
  })

  test('lists a file on both sides if other deletes apply to it', async () => {
    const identifier = await table('deleted')
    const before = await append(identifier, 'a', 'b')
    await append(identifier, 'c')
    const location = await locationOf(identifier)
    const positions = { content: 'position-deletes', referencedDataFile: `${location}/data/b.parquet` } as const
    await addDeleteFiles(home.services, identifier, [sampleDataFile('file:///p.parquet', positions)])
    const compared = await compare(identifier, { before: { snapshotId: before }, after: {} })
    expect([names(compared.before), names(compared.after)]).toEqual([['b'], ['b', 'c']])
    expect(compared).toMatchObject({ shared: { fileCount: 1 }, redeletedFileCount: 1 })
    expect(compared.before.deleteFiles).toEqual([])
    expect(compared.after.files.map(({ deletes }) => deletes)).toEqual([[0], []])
    expect(compared.after.deleteFiles.map(({ path }) => path)).toEqual(['file:///p.parquet'])
  })

  test('pages through the files of a side by both tokens', async () => {
    const identifier = await table('many')
    const first = await append(identifier, 'z')
    await append(identifier, ...Array.from({ length: 205 }, (_, i) => `f${String(i).padStart(3, '0')}`))
    const { before, after } = await compare(identifier, { before: { snapshotId: first }, after: {} })
    expect(after.files).toHaveLength(200)
    expect(after.differing.fileCount).toBe(205)
    const [scan, other] = [await open(after.token), await open(before.token)]
    const page = await listDifferingFilePage(scan, other, { fromFile: after.nextFile ?? 0 }, signal)
    expect(page.files).toHaveLength(5)
    expect(page.nextFile).toBeNull()
    expect(new Set([...after.files, ...page.files].map(({ path }) => path)).size).toBe(205)
    await expect(listDifferingFilePage(scan, other, { limit: 0 }, signal)).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })

  test('leaves out files of which no row can pass a filter, on the following pages, too', async () => {
    const identifier = await table('filtered')
    const first = await appendWithIds(identifier, [0, 1])
    await appendWithIds(
      identifier,
      Array.from({ length: 410 }, (_, i) => i + 2),
    )
    const where = '{"type":"gt-eq","term":"id","value":2060}'
    const { before, after } = await compare(identifier, { before: { snapshotId: first }, after: {} }, where)
    // Each file has ten ids.
    expect([before.differing.fileCount, after.differing]).toMatchObject([0, { fileCount: 206, rowCount: 2060 }])
    expect(after.files).toHaveLength(200)
    const page = await listDifferingFilePage(
      await open(after.token),
      await open(before.token),
      { fromFile: after.nextFile ?? 0 },
      signal,
    )
    expect(names(after).concat(page.files.map(({ path }) => path)).length).toBe(206)
    expect([names(after)[0], page.files.at(-1)?.path.endsWith('/id-411.parquet')]).toEqual(['id-206', true])
    await expect(
      compare(identifier, { before: {}, after: {} }, where.replace('"id"', '"speed"')),
    ).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringContaining('speed') })
  })

  test('is refused for scans of two tables', async () => {
    const [one, another] = [await table('one'), await table('another')]
    await append(one, 'a')
    await append(another, 'a')
    const [{ after }, { after: foreign }] = [
      await compare(one, { before: {}, after: {} }),
      await compare(another, { before: {}, after: {} }),
    ]
    await expect(
      listDifferingFilePage(await open(after.token), await open(foreign.token), {}, signal),
    ).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('is refused for a snapshot that the table does not have', async () => {
    const identifier = await table('missing')
    await append(identifier, 'a')
    await expect(compare(identifier, { before: { snapshotId: '77' }, after: {} })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('has the properties that changed between the commits', async () => {
    const identifier = await table('properties')
    const first = await append(identifier, 'a')
    await commitIntents(
      home.services,
      identifier,
      [{ kind: 'set-property', key: 'comment', value: 'new', base: null }],
      {
        actor: ANN,
        signal,
        requestId: null,
      },
    )
    const compared = await compare(identifier, { before: { snapshotId: first }, after: {} })
    expect(compared.properties).toEqual([{ name: 'comment', before: null, after: 'new' }])
    expect(compared).toMatchObject({ layout: [], sharesMetadata: false, unknownSides: [] })
  })

  test('has the sort order that changed, and the files of each', async () => {
    const identifier = await table('layout')
    const first = await append(identifier, 'a', 'b')
    await commitIntents(
      home.services,
      identifier,
      [
        {
          kind: 'replace-sort-order',
          fields: [{ sourceId: 1, source: ['id'], transform: 'identity', direction: 'asc', nullOrder: 'nulls-last' }],
          base: 0,
        },
      ],
      { actor: ANN, signal, requestId: null },
    )
    const compared = await compare(identifier, { before: { snapshotId: first }, after: {} })
    expect(compared.layout).toEqual([
      { name: 'sort order id', before: '0', after: '1' },
      { name: 'sort field 1', before: null, after: 'id asc nulls last' },
    ])
    expect(compared.layoutFiles?.specs).toMatchObject([
      { id: 0, label: '', before: { fileCount: 2 }, after: { fileCount: 2 } },
    ])
    expect(compared.layoutFiles?.orders.map(({ after }) => after.fileCount)).toEqual([2])
    const same = await compare(identifier, { before: {}, after: { ref: 'main' } })
    expect(same).toMatchObject({ layout: [], sharesMetadata: true })
  })
})

async function compare(
  identifier: TableIdentifier,
  asOf: { before: AsOf; after: AsOf },
  where?: string,
): Promise<SnapshotComparison> {
  const loaded = await catalog.loadTable(identifier)
  const options = { userId: ANN.userId, where, signal }
  return snapshotComparison.parse(await buildComparison(home.services, loaded, asOf, options))
}

function names({ files }: SnapshotComparison['before']): string[] {
  return files.map(({ path }) => path.replace(/^.*\/(.*)\.parquet$/, '$1'))
}

function open(token: string) {
  return openScan(home.services, token, { actor: ANN, signal })
}

async function table(name: string): Promise<TableIdentifier> {
  const identifier = { catalog: 'local', namespace: ['demo'], table: name }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
    partitionSpec: { specId: 0, fields: [] },
    properties: {},
  })
  return identifier
}

/** Appends files whose bounds claim the ids from `10 * number` to `10 * number + 9`. */
async function appendWithIds(identifier: TableIdentifier, numbers: readonly number[]): Promise<string> {
  const bound = (id: number) => new Map([[1, encodeSingleValue('long', BigInt(id))]])
  const location = await locationOf(identifier)
  const files = numbers.map((number) =>
    sampleDataFile(`${location}/data/id-${number}.parquet`, {
      metrics: { ...EMPTY_METRICS, lowerBounds: bound(10 * number), upperBounds: bound(10 * number + 9) },
    }),
  )
  return await appendAll(identifier, files)
}

async function append(identifier: TableIdentifier, ...files: readonly string[]): Promise<string> {
  const location = await locationOf(identifier)
  return await appendAll(
    identifier,
    files.map((name) => sampleDataFile(`${location}/data/${name}.parquet`)),
  )
}

async function appendAll(identifier: TableIdentifier, files: readonly DataFile[]): Promise<string> {
  const { snapshotId } = await appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier,
    files,
    schemaId: 0,
    specId: 0,
    actor: ANN,
    signal,
  })
  return snapshotId
}

async function locationOf(identifier: TableIdentifier): Promise<string> {
  return (await catalog.loadTable(identifier)).metadata.location
}
