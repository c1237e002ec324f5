import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { runLakeshore } from '../lakeshore'
import type { ExportReport } from './export-folder'

/** `lakeshore table export <namespace> --folder`. */

const home = createTestHome()
let catalog: CatalogClient
let folder: string

const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'id', required: false, type: 'long' as const },
    {
      id: 2,
      name: 'tags',
      required: false,
      type: { type: 'list' as const, elementId: 3, elementRequired: false, element: 'string' as const },
    },
  ],
}

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  for (const namespace of [['shop'], ['shop', 'eu'], ['empty'], ['slashed']]) {
    await catalog.write({ kind: 'create-namespace', namespace, properties: {} })
  }
  const secret = { owner: 'ada', 's3.secret-access-key': 'secret' }
  for (const [namespace, table, properties] of [
    [['shop'], 'orders', secret],
    [['shop'], 'daily.v2', {}],
    [['shop', 'eu'], 'returns', {}],
    [['slashed'], 'a', {}],
    [['slashed'], 'b/c', {}],
  ] as const) {
    await catalog.write({
      kind: 'create-table',
      table: { catalog: 'local', namespace, table },
      schema: SCHEMA,
      properties,
    })
  }
})
beforeEach(() => {
  folder = path.join(home.config.homeDir, 'exported')
  rmSync(folder, { recursive: true, force: true })
})

async function table(...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    ['table', ...args, '--folder', folder],
    {
      print: (line) => out.push(line),
      printMessage: (line) => said.push(line),
      prompt: async () => null,
      signal: new AbortController().signal,
    },
    () => home.services,
  )
  return { code, out: out.join('\n'), said: said.join('\n') }
}

async function report(...args: string[]): Promise<ExportReport & { code: number }> {
  const { code, out, said } = await table('export', ...args, '--json')
  if (out === '') throw new Error(said)
  return { code, ...(JSON.parse(out) as ExportReport) }
}

const files = () => readdirSync(folder).toSorted()
const write = (file: string, text: string) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, file), text)
}

describe('An export of a namespace', () => {
  it('writes a file for each table, in which a plan finds nothing to change', async () => {
    const { code, out, said } = await table('export', 'shop')
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual(['shop."daily.v2".yaml', 'shop.orders.yaml'])
    expect(said.split('\n')).toEqual([
      'Note: shop.orders: not exported, because they grant access: s3.secret-access-key',
      'Written: 2 files for 2 tables.',
    ])
    expect(files()).toEqual(['shop."daily.v2".yaml', 'shop.orders.yaml'])
    expect(readFileSync(path.join(folder, 'shop.orders.yaml'), 'utf8')).not.toContain('secret')
    expect(await table('plan', '--exit-code')).toEqual({
      code: 0,
      out: '',
      said: 'Nothing to do: 2 entries compared.',
    })
  })

  it('has a report for programs, and finds files that already match', async () => {
    expect(await report('shop.eu')).toEqual({
      code: 0,
      version: 1,
      action: 'export',
      catalog: 'local',
      namespace: ['shop', 'eu'],
      outcome: 'exported',
      entries: [
        {
          kind: 'table',
          name: 'shop.eu.returns',
          file: 'shop.eu.returns.yaml',
          result: 'written',
          omittedProperties: [],
          problem: null,
        },
      ],
      filesWithoutTable: [],
    })
    expect(await report('shop.eu')).toMatchObject({ code: 0, outcome: 'matches', entries: [{ result: 'unchanged' }] })
    expect(await report('empty')).toMatchObject({ code: 0, outcome: 'matches', entries: [] })
  })

  it('writes nothing when a file was edited, unless it may overwrite it', async () => {
    write('shop.orders.yml', 'columns: []\n')
    expect(await report('shop')).toMatchObject({
      code: 1,
      outcome: 'failed',
      entries: [{ result: 'not-reached' }, { file: 'shop.orders.yml', result: 'refused' }],
    })
    expect(files()).toEqual(['shop.orders.yml'])
    expect((await table('export', 'shop')).said).toContain('Nothing was written. Use --overwrite')
    expect(await report('shop', '--overwrite')).toMatchObject({ code: 0, entries: [{}, { result: 'written' }] })
    expect(files()).toEqual(['shop."daily.v2".yaml', 'shop.orders.yml'])
    expect((await table('plan', '--exit-code')).code).toBe(0)
  })

  it('names the files whose table does not exist, and leaves those of other namespaces alone', async () => {
    write('shop.dropped.yaml', 'columns: []\n')
    write('sales.other.yaml', 'columns: []\n')
    expect(await report('shop')).toMatchObject({ code: 0, filesWithoutTable: ['shop.dropped.yaml'] })
    expect(files()).toContain('shop.dropped.yaml')
  })

  it('says which table has a name that no file can have, and exports the others', async () => {
    expect(await report('slashed')).toMatchObject({
      code: 1,
      entries: [{ result: 'written' }, { name: 'slashed.b/c', result: 'failed', problem: { code: 'invalid-request' } }],
    })
    expect(files()).toEqual(['slashed.a.yaml'])
  })

  it('refuses a folder that would have more tables than a plan compares', async () => {
    for (let i = 0; i < 499; i += 1) write(`many.t${i}.yaml`, '')
    const { code, said } = await table('export', 'shop')
    expect(code).toBe(1)
    expect(said).toContain('would describe 501 tables, and a folder has at most 500. Nothing was written.')
    expect(files()).toHaveLength(499)
  })

  it('needs a namespace that exists', async () => {
    expect((await table('export', 'nowhere')).code).toBe(1)
    expect(await table('export')).toMatchObject({ code: 2, said: expect.stringContaining('the namespace is missing') })
    expect(await table('plan', '--overwrite')).toMatchObject({
      code: 2,
      said: expect.stringContaining('--overwrite belongs to table export with --folder'),
    })
  })
})
