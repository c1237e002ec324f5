import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { appendFiles } from '@/server/table/commit/append-files'
import { addDeleteFiles } from '@/testing/catalogs/add-delete-files'
import { createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { arbitraryExpression } from '@/testing/iceberg/arbitrary-expression'
import { LITERAL_FORMS, toCurrentExpression } from '@/testing/iceberg/current-expression'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { propertyRuns } from '@/testing/property-cases'
import { MAX_FILTER_CHARS } from './planned-scan'

const home = createTestHome()
const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: false, type: 'long' },
  { id: 2, name: 'Fare', required: false, type: 'decimal(9, 2)' },
  { id: 3, name: 'taken', required: false, type: 'timestamptz' },
  { id: 4, name: 'key', required: false, type: 'binary' },
]
const TYPES = Object.fromEntries(FIELDS.map(({ name, type }) => [name, type as PrimitiveType]))
const SPEC = {
  specId: 0,
  fields: [
    { sourceId: 2, fieldId: 1000, name: 'fare', transform: 'identity' },
    { sourceId: 3, fieldId: 1001, name: 'day', transform: 'day' },
    { sourceId: 4, fieldId: 1002, name: 'key', transform: 'identity' },
  ],
}
/** 14.20, 2024-05-17 and two bytes. */
const PARTITION = [1420n, 19_860, new Uint8Array([0x0a, 0xff])]

let catalog: CatalogClient
let viewer: RestClient
beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  viewer = await createRestClientAs(home.services, 'viewer')
})

// Time stands still, because a page ends with the manifest in which two seconds are over.
beforeEach(() => void vi.spyOn(performance, 'now').mockReturnValue(0))
afterEach(() => void vi.restoreAllMocks())

describe('a plan', () => {
  it('has the files of a snapshot with their partition values in Iceberg’s JSON', async () => {
    const table = await createTable('values')
    await commit(table, [
      sampleDataFile('file:///a.parquet', { partition: PARTITION, splitOffsets: [4], sortOrderId: 0 }),
    ])
    await commit(table, [sampleDataFile('file:///b.orc', { partition: [null, null, null], fileFormat: 'orc' })])
    const { status, body } = await plan(table, {})
    const folder = `${(await catalog.loadTable(table)).metadata.location}/data`
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'completed',
      'file-scan-tasks': [
        {
          'data-file': {
            content: 'data',
            'spec-id': 0,
            partition: ['14.20', '2024-05-17', '0AFF'],
            'file-path': `${folder}/a.parquet`,
            'file-format': 'parquet',
            'file-size-in-bytes': 100,
            'record-count': 10,
            'split-offsets': [4],
            'sort-order-id': 0,
          },
        },
        {
          'data-file': {
            content: 'data',
            'spec-id': 0,
            partition: [null, null, null],
            'file-path': `${folder}/b.orc`,
            'file-format': 'orc',
            'file-size-in-bytes': 100,
            'record-count': 10,
          },
        },
      ],
    })
  })

  it('of a table without a snapshot has no files', async () => {
    expect((await plan(await createTable('empty'), {})).body).toEqual({ status: 'completed', 'file-scan-tasks': [] })
  })

  it('is of the requested snapshot', async () => {
    const table = await createTable('past')
    await commit(table, [partitionedFile('a')])
    const first = (await catalog.loadTable(table)).metadata.currentSnapshotId
    await commit(table, [partitionedFile('b')])
    expect(pathsOf((await plan(table, {})).body)).toEqual(['a', 'b'])
    const snapshotId = BigInt(String(first))
    expect(pathsOf((await plan(table, { 'snapshot-id': snapshotId, 'use-snapshot-schema': true })).body)).toEqual(['a'])
  })

  it('leaves out files that cannot match, and repeats the filter as the residual', async () => {
    const table = await createTable('filtered')
    await commit(table, [
      partitionedFile('cheap', { partition: [100n, 1, null] }),
      partitionedFile('dear', { partition: [2000n, 1, null] }),
    ])
    const filter = { type: 'gt', term: 'Fare', value: '14.20' }
    const { body } = await plan(table, { filter })
    expect(pathsOf(body)).toEqual(['dear'])
    expect(tasksOf(body).map((task) => task['residual-filter'])).toEqual([filter])
    const lower = { filter: { ...filter, term: 'fare' }, 'case-sensitive': false }
    expect(pathsOf((await plan(table, lower)).body)).toEqual(['dear'])
    expect((await plan(table, { ...lower, 'case-sensitive': true })).status).toBe(400)
  })

  it('understands dates and times as numbers, as Java writes those of an engine', async () => {
    const table = await createTable('numbers')
    await commit(table, [
      partitionedFile('day0', { partition: [null, 0, null] }),
      partitionedFile('day1', { partition: [null, 1, null] }),
    ])
    const from = (value: Json) => plan(table, { filter: { type: 'gt-eq', term: 'taken', value } })
    expect(pathsOf((await from(86_400_000_000)).body)).toEqual(['day1'])
    expect(pathsOf((await from('1970-01-02T00:00:00+00:00')).body)).toEqual(['day1'])
    expect(pathsOf((await from(86_399_999_999)).body)).toEqual(['day0', 'day1'])
    expect((await from(1.5)).status).toBe(400)
  })

  it('keeps all files for a condition that it cannot evaluate, which the client applies', async () => {
    const table = await createTable('unknown')
    await commit(table, [
      partitionedFile('cheap', { partition: [100n, 1, null] }),
      partitionedFile('dear', { partition: [2000n, 1, null] }),
    ])
    const reference = (name: string) => ({ type: 'reference', name })
    const bucket = { catalog: 'iceberg_functions', identifier: ['bucket'] }
    const unknown: JsonObject[] = [
      { type: 'eq', term: { type: 'transform', transform: 'bucket[4]', term: 'id' }, value: 3 },
      { type: 'eq', left: { type: 'apply', function: bucket, arguments: [4, reference('id')] }, right: 3 },
      { type: 'is-null', child: { type: 'apply', function: ['ns', 'made_up'], arguments: [] } },
      { type: 'lt', left: reference('id'), right: reference('Fare') },
    ]
    const cheaper = { type: 'lt', left: reference('Fare'), right: '14.20' }
    for (const condition of unknown) {
      for (const filter of [
        condition,
        { type: 'not', child: condition },
        { type: 'or', left: condition, right: cheaper },
      ]) {
        const { status, body } = await plan(table, { filter })
        expect([status, pathsOf(body)]).toEqual([200, ['cheap', 'dear']])
        expect(tasksOf(body)[0]?.['residual-filter']).toEqual(filter)
      }
      // The rest of the filter still skips files.
      const { body } = await plan(table, { filter: { type: 'and', left: condition, right: cheaper } })
      expect(pathsOf(body)).toEqual(['cheap'])
    }
  })

  it('is refused for a condition without a column, with the part that is a value', async () => {
    const table = await createTable('constant')
    await commit(table, [partitionedFile('a')])
    const filter = { type: 'and', left: true, right: { type: 'eq', left: 'Fare', right: '14.20' } }
    const { status, body } = await plan(table, { filter })
    expect([status, JSON.stringify(body)]).toEqual([
      400,
      expect.stringContaining('right.left of the filter is a value'),
    ])
  })

  it('has the files with nulls that a negated comparison selects in Iceberg, unlike in SQL', async () => {
    const table = await createTable('nulls')
    await commit(table, [
      partitionedFile('cheap', { partition: [100n, 1, null] }),
      partitionedFile('dear', { partition: [2000n, 1, null] }),
      partitionedFile('free', { partition: [null, 1, null] }),
    ])
    const pathsFor = async (filter: Json) => pathsOf((await plan(table, { filter })).body)
    const cheaper = { type: 'lt', left: { type: 'reference', name: 'Fare' }, right: '14.20' }
    expect(await pathsFor(cheaper)).toEqual(['cheap'])
    expect(await pathsFor({ type: 'not', child: cheaper })).toEqual(['dear', 'free'])
    // A fare of 1e30 fits no decimal(9, 2).
    expect(await pathsFor({ type: 'not-eq', term: 'Fare', value: '1e30' })).toEqual(['cheap', 'dear', 'free'])
    // The client may round a fare of 1.005.
    for (const type of ['eq', 'gt-eq', 'lt', 'not-eq'])
      expect(await pathsFor({ type, term: 'Fare', value: '1.005' })).toContain('cheap')
    const notNull = { type: 'not-null', child: { type: 'reference', id: 2 } }
    expect(await pathsFor({ type: 'and', left: { type: 'not', child: cheaper }, right: notNull })).toEqual(['dear'])
  })

  it('is the same for both forms of a filter', async () => {
    const table = await createTable('forms')
    const fares = [null, -500n, 0n, 1n, 1419n, 1420n, 1421n, 999_999_999n]
    await commit(
      table,
      fares.flatMap((fare, index) => [
        partitionedFile(`f${index}a`, { partition: [fare, index, new Uint8Array([index])] }),
        partitionedFile(`f${index}b`, { partition: [fare, null, null] }),
      ]),
    )
    const values: Record<string, fc.Arbitrary<Json>> = {
      Fare: fc.constantFrom('-5.00', '0.00', '0.01', '14.20', '9999999.99'),
      taken: fc
        .integer({ min: -1, max: 9 })
        .map((day) => `${new Date(day * 86_400_000).toISOString().slice(0, 10)}T12:00:00.000001+00:00`),
      key: fc.integer({ min: 0, max: 9 }).map((byte) => `0${byte}`),
      id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        arbitraryExpression(values),
        fc.constantFrom(...LITERAL_FORMS),
        fc.boolean(),
        async (deprecated, form, isMirrored) => {
          const before = await plan(table, { filter: deprecated })
          const after = await plan(table, { filter: toCurrentExpression(deprecated, form, TYPES, isMirrored) })
          expect([after.status, pathsOf(after.body)]).toEqual([200, pathsOf(before.body)])
          seen.add(pathsOf(before.body).join())
        },
      ),
      propertyRuns(300),
    )
    expect(seen.size).toBeGreaterThan(5)
  })

  it('has the counts of the columns that the client wants', async () => {
    const table = await createTable('counts')
    const metrics = {
      ...EMPTY_METRICS,
      valueCounts: new Map([
        [1, 10],
        [2, 10],
      ]),
      nullValueCounts: new Map([[1, 3]]),
    } // prettier-ignore
    await commit(table, [partitionedFile('a', { metrics })])
    const [task] = tasksOf((await plan(table, { 'stats-fields': ['id', 'gone'] })).body)
    expect(task?.['data-file']).toMatchObject({
      'value-counts': { keys: [1], values: [10] },
      'null-value-counts': { keys: [1], values: [3] },
    })
    expect(tasksOf((await plan(table, {})).body)[0]?.['data-file']).not.toHaveProperty('value-counts')
  })

  it('names each delete file once and refers to it by its position', async () => {
    const table = await createTable('deletes')
    await commit(table, [partitionedFile('a'), partitionedFile('b', { partition: [1n, 1, null] })])
    const positions = sampleDataFile('file:///p.parquet', { content: 'position-deletes', partition: PARTITION })
    const keys = sampleDataFile('file:///k.parquet', {
      content: 'equality-deletes',
      partition: [1n, 1, null],
      equalityIds: [1],
    })
    await addDeleteFiles(home.services, table, [positions, keys])
    const { body } = await plan(table, {})
    expect(body['delete-files']).toMatchObject([
      { content: 'position-deletes', 'file-path': 'file:///p.parquet' },
      { content: 'equality-deletes', 'file-path': 'file:///k.parquet', 'equality-ids': [1] },
    ])
    expect(tasksOf(body).map((task) => task['delete-file-references'])).toEqual([[0], [1]])
  })
})

describe('a large plan', () => {
  let table: TableIdentifier
  const names = Array.from({ length: 2_500 }, (_, index) => `f${String(index).padStart(4, '0')}`)
  beforeAll(async () => {
    table = await createTable('large')
    for (const part of [names.slice(0, 900), names.slice(900, 2_100), names.slice(2_100)]) {
      await commit(
        table,
        part.map((name) => partitionedFile(name)),
      ) // prettier-ignore
    }
  })

  it('is fetched by plan tasks, each file once', async () => {
    const { body } = await plan(table, {})
    expect(tasksOf(body)).toHaveLength(1_000)
    const found = pathsOf(body)
    const pending = [...(body['plan-tasks'] as string[])]
    while (pending.length > 0) {
      const next = await fetchTasks(table, { 'plan-task': pending.shift() ?? '' })
      expect(next.status).toBe(200)
      expect(next.body).not.toHaveProperty('status')
      found.push(...pathsOf(next.body))
      pending.push(...((next.body['plan-tasks'] as string[] | undefined) ?? []))
    }
    expect(found).toEqual(names)
  })

  it('has an id, with which it is planned again or cancelled', async () => {
    const { body } = await plan(table, {})
    const path = `${pathOf(table)}/plan/${body['plan-id'] as string}`
    expect((await viewer('GET', path)).body).toEqual(body)
    expect((await viewer('DELETE', path)).status).toBe(204)
    expect((await plan(await createTable('small'), {})).body).not.toHaveProperty('plan-id')
  })

  it('is of one table: neither its id nor its tasks are known to another', async () => {
    const { body } = await plan(table, {})
    const other = await createTable('other')
    const [task = ''] = body['plan-tasks'] as string[]
    for (const planTask of [task, 'x', '', Buffer.from('[1]').toString('base64url')]) {
      const { status, body } = await fetchTasks(other, { 'plan-task': planTask })
      expect([status, errorOf(body)]).toEqual([404, 'NoSuchPlanTaskException'])
    }
    for (const method of ['GET', 'DELETE']) {
      const { status, body: answer } = await viewer(method, `${pathOf(other)}/plan/${body['plan-id'] as string}`)
      expect([status, errorOf(answer)]).toEqual([404, 'NoSuchPlanIdException'])
    }
  })
})

describe('a request is refused', () => {
  it.each<[string, Json, number]>([
    ['an unknown snapshot', { 'snapshot-id': 4711 }, 400],
    ['a snapshot id that is not a number', { 'snapshot-id': 'main' }, 400],
    ['an incremental scan', { 'start-snapshot-id': 1, 'end-snapshot-id': 2 }, 406],
    ['an unknown column', { filter: { type: 'eq', term: 'nowhere', value: 1 } }, 400],
    ['a literal of another type', { filter: { type: 'eq', term: 'id', value: 'one' } }, 400],
    ['an unknown operation', { filter: { type: 'like', term: 'id', value: 1 } }, 400],
    ['a filter that is none', { filter: [1] }, 400],
    [
      'a filter of both forms',
      { filter: { type: 'is-null', term: 'id', child: { type: 'reference', name: 'id' } } },
      400,
    ],
    ['a function of no name', { filter: { type: 'is-null', child: { type: 'apply', arguments: [] } } }, 400],
    [
      'a literal that is not of its type',
      {
        filter: {
          type: 'eq',
          left: { type: 'reference', name: 'id' },
          right: { type: 'literal', value: 'x', 'data-type': 'long' },
        },
      },
      400,
    ],
    ['a filter that is too long', { filter: { type: 'eq', term: 'id', value: 'x'.repeat(MAX_FILTER_CHARS) } }, 413],
    ['a request that is not an object', [1], 400],
  ])('for %s', async (_, request, expected) => {
    const table = await createTable(`refused_${count++}`)
    await commit(table, [partitionedFile('a')])
    const { status, body } = await plan(table, request)
    expect(status).toBe(expected)
    expect((body['error'] as JsonObject)['message']).toMatch(/\w{3}/)
  })

  it('for a table that does not exist', async () => {
    const gone = { catalog: 'local', namespace: ['demo'], table: 'gone' }
    const answers = [
      await plan(gone, {}),
      await fetchTasks(gone, { 'plan-task': 'x' }),
      await viewer('GET', `${pathOf(gone)}/plan/x`),
      await viewer('DELETE', `${pathOf(gone)}/plan/x`),
    ]
    expect(answers.map(({ status, body }) => [status, errorOf(body)])).toEqual(
      answers.map(() => [404, 'NoSuchTableException']),
    )
  })
})

let count = 0

async function createTable(name: string): Promise<TableIdentifier> {
  const identifier = { catalog: 'local', namespace: ['demo'], table: name }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: FIELDS },
    partitionSpec: SPEC,
  })
  return identifier
}

function partitionedFile(name: string, overrides: Partial<DataFile> = {}): DataFile {
  return sampleDataFile(`file:///${name}.parquet`, { partition: PARTITION, ...overrides })
}

/** As a writer could that checks no location; the files do not exist. */
async function commit(identifier: TableIdentifier, files: readonly DataFile[]): Promise<void> {
  const { metadata } = await catalog.loadTable(identifier)
  await appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier,
    files: files.map((file) => ({
      ...file,
      filePath: file.filePath.replace('file:///', `${metadata.location}/data/`),
    })),
    schemaId: 0,
    specId: 0,
    actor: TEST_ACTOR,
    signal: new AbortController().signal,
  })
}

function pathOf({ table }: TableIdentifier): string {
  return `local/namespaces/demo/tables/${table}`
}

function plan(table: TableIdentifier, body: Json) {
  return viewer('POST', `${pathOf(table)}/plan`, { body })
}

function fetchTasks(table: TableIdentifier, body: Json) {
  return viewer('POST', `${pathOf(table)}/tasks`, { body })
}

function tasksOf(body: JsonObject): JsonObject[] {
  return body['file-scan-tasks'] as JsonObject[]
}

function pathsOf(body: JsonObject): string[] {
  return tasksOf(body).map((task) =>
    ((task['data-file'] as JsonObject)['file-path'] as string).replace(/^.*\/|\.parquet$/g, ''),
  )
}

function errorOf(body: JsonObject): unknown {
  return (body['error'] as JsonObject)['type']
}
