import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { signedScanPlan } from '@/lib/contract/table/scan'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { grantsOfRole } from '@/lib/permissions'
import { parsePredicateText } from '@/lib/scan/predicate/predicate-text'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Actor } from '@/server/auth/actor'
import { readPlanToken } from '@/server/auth/tokens/plan-token'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { createTestHome } from '@/testing/homes/test-home'
import { appendFiles } from '../commit/append-files'
import { openScan } from './open-scan'
import { listFilePage } from './planned-files'
import { bindWhere } from './scan-filter'
import { buildScanPlan } from './scan-plan'

const home = createTestHome()
const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const FIELDS: NestedField[] = [
  { id: 1, name: 'id', required: false, type: 'long' },
  { id: 2, name: 'origin', required: false, type: 'string' },
  {
    id: 3,
    name: 'tags',
    required: false,
    type: { type: 'list', elementId: 4, elementRequired: false, element: 'int' },
  },
]
const identifier: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 'filtered' }

let catalog: CatalogClient
beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: FIELDS },
    partitionSpec: { specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'origin', transform: 'identity' }] },
    properties: {},
  })
  // A manifest for each origin, of 150 files of ten ids.
  for (const origin of ['ABQ', 'BOS', 'SFO']) await append(origin, 150)
})

// Time stands still, because a plan reads further manifests only in its first half second.
beforeEach(() => void vi.spyOn(performance, 'now').mockReturnValue(0))
afterEach(() => void vi.restoreAllMocks())

describe('A plan with a filter', () => {
  it('lists only files that might match, and says why the others were skipped', async () => {
    const plan = await scan('origin = "BOS" and id >= 35 and id < 52')
    expect(plan).toMatchObject({ fileCount: 450, rowCount: 4500 })
    expect(plan.files.map(({ index, partition }) => [index, partition])).toEqual([
      [153, 'origin=BOS'],
      [154, 'origin=BOS'],
      [155, 'origin=BOS'],
    ])
    expect(plan.filtered).toEqual({
      nextFile: null,
      skipped: {
        manifests: 2,
        files: {
          partition: { files: 300, rows: 3000 },
          'null-counts': { files: 0, rows: 0 },
          bounds: { files: 147, rows: 1470 },
        },
      },
    })
  })

  it('has no report without a filter, and one of null counts', async () => {
    expect((await scan()).filtered).toBeUndefined()
    const { filtered } = await scan('id is null')
    expect(filtered?.skipped.files['null-counts']).toEqual({ files: 450, rows: 4500 })
  })

  it('is continued in pages by its token, up to its last file', async () => {
    const plan = await scan('origin != "BOS"')
    expect(plan.files).toHaveLength(100)
    const indexes = plan.files.map(({ index }) => index)
    let skippedFiles = plan.filtered?.skipped.files.partition.files ?? 0
    for (let next = plan.filtered?.nextFile ?? null; next !== null; ) {
      const page = await listFilePage(await open(plan.token), { fromFile: next, limit: 120 })
      indexes.push(...page.files.map(({ index }) => index))
      skippedFiles += page.skipped?.files.partition.files ?? 0
      next = page.nextFile
    }
    expect(indexes).toEqual(Array.from({ length: 300 }, (_, i) => (i < 150 ? i : i + 150)))
    expect(skippedFiles).toBe(150)
    const page = listFilePage(await open(plan.token), { fromRow: 10 })
    await expect(page).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it('begins its token with that of the plan without a filter, so that the URLs of files stay the same', async () => {
    const [all, some] = [await scan(), await scan('id = 1')]
    expect(some.token.startsWith(`${all.token}.`)).toBe(true)
    expect(readPlanToken(home.services, all.token).where).toBeNull()
    expect(JSON.parse(readPlanToken(home.services, some.token).where ?? '')).toEqual({
      type: 'eq',
      term: { type: 'reference', id: 1 },
      value: 1,
    })
    const shortened = await listFilePage(await open(some.token.split('.').slice(0, 2).join('.')), {})
    expect(shortened.files).toHaveLength(450)
  })

  it('is refused with a filter of another plan, or one without a signature', async () => {
    const [some, other] = [(await scan('id = 1')).token.split('.'), (await scan('id = 2')).token.split('.')]
    for (const parts of [
      [some[0], some[1], other[2], some[3]],
      [some[0], some[1], some[2]],
      [some[0], some[1], some[2], ''],
      [some[0], some[1], '', some[3]],
      [...some, 'x'],
    ]) {
      await expect(open(parts.join('.'))).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  it('compares 64-bit values exactly', async () => {
    const where = '{"type": "eq", "term": "id", "value": 9223372036854775807}'
    const { token } = await scanJson(where)
    expect(readPlanToken(home.services, token).where).toContain('9223372036854775807')
  })

  it.each([
    ['no JSON', '{', 'cannot be read'],
    ['no expression', '[]', 'not an expression'],
    ['an unknown column', json('speed = 1'), 'no column speed'],
    ['a text for a number', json('id = "fast"'), 'Column id'],
    ['a number for a text', json('origin = 1'), 'Column origin'],
    ['a comparison of lists', json('tags = 1'), 'Column tags'],
    ['a column inside a list', '{"type": "eq", "term": {"type": "reference", "id": 4}, "value": 1}', 'inside a list'],
    [
      'a transform',
      '{"type": "eq", "term": {"type": "transform", "transform": "bucket[4]", "term": "id"}, "value": 1}',
      'transform',
    ],
    ['too many conditions', `{"type":"or","left":${anyOf(501)},"right":${anyOf(501)}}`, 'more than'],
    ['too many values', `{"type":"or","left":${oneOf(5_001)},"right":${oneOf(5_000)}}`, '10000'],
    ['too much depth', `${'{"type":"not","child":'.repeat(120)}true${'}'.repeat(120)}`, 'nested deeper'],
    ['far too much depth', '['.repeat(3000), 'nested'],
    [
      'more than fits into a URL',
      json(`id in (${Array.from({ length: 5000 }, (_, i) => i * i * 7919).join()})`),
      'fit',
    ],
  ])('is refused for %s', async (_what, where, message) => {
    await expect(scanJson(where)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(message),
    })
  })

  it('tests columns that only the current schema has, when an older snapshot is shown with it', async () => {
    const { metadata } = await catalog.loadTable(identifier)
    const [schema] = metadata.schemas
    if (!schema) throw new Error('the table has no schema')
    const added = { ...schema, schemaId: 1, fields: [...FIELDS, { id: 9, name: 'new', required: false, type: 'int' }] }
    const newer = { ...metadata, schemas: [schema, added as typeof schema], currentSchemaId: 1 }
    expect(bindWhere(json('new = 1'), { metadata: newer, schema })).toMatchObject({ column: { fieldId: 9 } })
    expect(() => bindWhere(json('old = 1'), { metadata: newer, schema })).toThrow('no column old')
  })
})

/** A disjunction of `count` conditions. */
function anyOf(count: number): string {
  return json(Array.from({ length: count }, (_, i) => `id = ${i}`).join(' or '))
}

function oneOf(count: number): string {
  return json(`id in (${Array.from({ length: count }, (_, i) => i).join()})`)
}

function json(text: string): string {
  return stringifyExactJson(predicateToJson(parsePredicateText(text)))
}

async function scan(filter?: string) {
  return await scanJson(filter === undefined ? undefined : json(filter))
}

/** The plan as the route returns it. */
async function scanJson(where: string | undefined) {
  const store = home.services.stores.catalogStore('local')
  const options = { store, userId: ANN.userId, nowMs: home.services.database.nowMs(), where }
  return signedScanPlan.parse(await buildScanPlan(home.services, await catalog.loadTable(identifier), {}, options))
}

async function open(token: string) {
  return await openScan(home.services, token, { actor: ANN, signal: new AbortController().signal })
}

/** Files of ten ids each, from 0. */
async function append(origin: string, fileCount: number): Promise<void> {
  const { metadata } = await catalog.loadTable(identifier)
  const bound = (value: number) => encodeSingleValue('long', BigInt(value))
  const files: DataFile[] = Array.from({ length: fileCount }, (_, i) =>
    sampleDataFile(`${metadata.location}/data/${origin}-${i}.parquet`, {
      partition: [origin],
      recordCount: 10,
      metrics: {
        ...EMPTY_METRICS,
        valueCounts: new Map([[1, 10]]),
        nullValueCounts: new Map([[1, 0]]),
        lowerBounds: new Map([[1, bound(10 * i)]]),
        upperBounds: new Map([[1, bound(10 * i + 9)]]),
      },
    }),
  )
  await appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier,
    files,
    schemaId: 0,
    specId: 0,
    actor: ANN,
    signal: new AbortController().signal,
  })
}
