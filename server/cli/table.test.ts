import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { currentSchema, defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { formatDay } from '@/lib/format/time'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { findProposal, listProposals } from '@/server/db/catalog/proposals'
import { clientUseChanges, toUtcDay } from '@/server/db/catalog/table-clients'
import { runLakeshore } from './lakeshore'

const home = createTestHome()
let catalog: CatalogClient
const identifier = { catalog: 'local', namespace: ['shop'], table: 'orders' }

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['shop'], properties: {} })
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: {
      schemaId: 0,
      identifierFieldIds: [1],
      fields: [
        { id: 1, name: 'id', required: true, type: 'long' },
        { id: 2, name: 'amount', required: false, type: 'decimal(9, 2)', doc: 'Gross: with "tax"' },
        { id: 3, name: 'at', required: false, type: 'timestamptz' },
        {
          id: 4,
          name: 'lines',
          required: false,
          type: {
            type: 'list',
            elementId: 5,
            elementRequired: true,
            element: { type: 'struct', fields: [{ id: 6, name: 'sku', required: false, type: 'string' }] },
          },
        },
      ],
    },
    properties: { owner: 'ada', 'format-version': '3', 's3.secret-access-key': 'secret' },
  })
})

async function lakeshore(...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    args,
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

function inHome(text: string): string {
  const file = path.join(home.config.homeDir, 'orders.yaml')
  writeFileSync(file, text)
  return file
}

const metadata = async () => (await catalog.loadTable(identifier)).metadata

describe('lakeshore table', () => {
  it('exports what a plan finds nothing to change in, without what grants access', async () => {
    const { code, out, said } = await lakeshore('table', 'export', 'shop.orders')
    expect(code).toBe(0)
    expect(out).toContain('name: amount')
    expect(out).not.toContain('secret')
    expect(said).toContain('s3.secret-access-key')
    const plan = await lakeshore('table', 'plan', 'shop.orders', '--exit-code', '--file', inHome(out))
    expect(plan).toEqual({ code: 0, out: '', said: 'shop.orders matches the file.' })
  })

  it('plans with what uses the columns that it drops or renames, and with what clients can do after an upgrade', async () => {
    const table = { ...identifier, table: 'used' }
    await catalog.write({
      kind: 'create-table',
      table,
      schema: {
        schemaId: 0,
        identifierFieldIds: [],
        fields: [
          { id: 1, name: 'id', required: false, type: 'long' },
          { id: 2, name: 'city', required: false, type: 'string' },
        ],
      },
      properties: { [checkProperty('cities')]: 'SELECT 1 FROM this_table WHERE city IS NULL' },
    })
    const { tableUuid } = (await catalog.loadTable(table)).metadata
    const client = { name: 'PyIceberg', version: '0.12.0', library: null }
    const day = toUtcDay(home.database.nowMs())
    await home.database.commit(clientUseChanges([{ tableUuid, day, client, access: 'write' }]))
    const { out } = await lakeshore('table', 'export', 'shop.used')
    const plan = (text: string) => lakeshore('table', 'plan', 'shop.used', '--file', inHome(text))
    const renamed = await plan(out.replace('name: city', 'name: town'))
    expect(renamed.out).toBe('~ Rename city to town')
    expect(renamed.said).toContain(
      'Used by: The only known reader breaks.\n  cities: check · city · Fails with an error, so that no branch passes it.\n',
    )
    expect(renamed.said).toContain('Known clients of the last 30 days: 1. Clients have been recorded since')
    expect(renamed.said).toContain(`\n  PyIceberg 0.12.0: wrote ${formatDay(home.database.nowMs(), 'UTC')} (UTC)\n`)
    const upgraded = await plan(out.replace('format-version: 2', 'format-version: 3'))
    expect(upgraded.said).toContain(
      'The only known client of the last 30 days will no longer be able to write the table.',
    )
    expect(upgraded.said).toContain(
      `\n  PyIceberg 0.12.0: wrote ${formatDay(home.database.nowMs(), 'UTC')} (UTC); can read, cannot write format version 3\n`,
    )
    expect(upgraded.said).not.toContain('Used by')
  })

  it('plans and commits every change of the file as one commit, and then finds nothing to do', async () => {
    const { out } = await lakeshore('table', 'export', 'shop.orders')
    const columnsEnd = out.indexOf('identifier-fields:')
    const columns = `columns:
  - { name: at, id: 3, type: timestamptz }
  - { name: id, id: 1, type: long, required: true }
  - { name: total, id: 2, type: 'decimal(12,2)', doc: Net, write-default: "1.50" }
  - { name: units, type: long, initial-default: 9007199254740993 }
  - name: lines
    type:
      list:
        struct:
          - { name: sku, type: string }
          - { name: tags, type: { map: { key: string, value: int }, required: true } }
      required: true
`
    const rest = out
      .slice(columnsEnd)
      .replace('partition-fields: []', 'partition-fields:\n  - { name: at_day, column: at, transform: day }')
      .replace(
        'sort-fields: []',
        'sort-fields:\n  - { column: total, transform: identity, direction: desc, null-order: nulls-last }',
      )
      .replace('owner: ada', 'owner: grace')
    const file = inHome(`${out.slice(0, out.indexOf('columns:'))}${columns}${rest}`)
    const planned = await lakeshore('table', 'plan', 'shop.orders', '--exit-code', '--file', file)
    expect(planned.said).toContain('not committed')
    expect(planned.code).toBe(3)
    expect(planned.out.split('\n')).toEqual([
      '~ Rename amount to total',
      '~ Change the type of amount from decimal(9, 2) to decimal(12, 2)',
      '~ Describe amount as Net',
      '~ Set the write default of amount to "1.50"',
      '+ Add the column lines.element.tags (map)',
      '~ Move at to the first place',
      '+ Add the column units (long) with the initial default 9007199254740993',
      '+ Partition by day(at) as at_day',
      '~ Sort new data by amount desc nulls last',
      '~ Change owner from ada to grace',
    ])
    const before = await metadata()
    expect((await lakeshore('table', 'apply', 'shop.orders', '--file', file)).code).toBe(0)
    const after = await metadata()
    expect(after.metadataLog).toHaveLength(before.metadataLog.length + 1)
    expect(currentSchema(after).fields.map(({ id, name }) => [id, name])).toEqual([
      [3, 'at'],
      [1, 'id'],
      [2, 'total'],
      [10, 'units'],
      [4, 'lines'],
    ])
    expect(currentSchema(after).fields[3]?.initialDefault).toBe(9007199254740993n)
    expect(defaultSpec(after).fields).toMatchObject([{ sourceId: 3, transform: 'day', name: 'at_day' }])
    expect(defaultSortOrder(after).fields).toMatchObject([{ sourceId: 2, direction: 'desc' }])
    expect(after.properties).toMatchObject({ owner: 'grace', 's3.secret-access-key': 'secret' })
    const [entry] = await listAudit(home.database, { tableUuid: after.tableUuid, limit: 1 })
    expect(entry).toMatchObject({ action: 'change-table', actor: { username: COMMAND_LINE.username } })
    expect(await lakeshore('table', 'plan', 'shop.orders', '--exit-code', '--file', file)).toMatchObject({ code: 0 })
  })

  it('drops columns when that is allowed, and leaves sections alone that the file does not have', async () => {
    const file = inHome(
      'columns:\n  - { name: id, type: long, required: true }\n  - { name: at, type: timestamptz }\n  - { name: total, type: "decimal(12,2)", doc: Net, write-default: "1.50" }\n',
    )
    const refused = await lakeshore('table', 'apply', 'shop.orders', '--file', file)
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.said).toContain('--allow-drops')
    expect((await lakeshore('table', 'apply', 'shop.orders', '--allow-drops', '--file', file)).code).toBe(0)
    const after = await metadata()
    expect(currentSchema(after).fields.map(({ name }) => name)).toEqual(['id', 'at', 'total'])
    expect(after.properties['owner']).toBe('grace')
  })

  it('raises the format version only when that is allowed, because it cannot be lowered again', async () => {
    const older = { ...identifier, table: 'older' }
    await catalog.write({
      kind: 'create-table',
      table: older,
      schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
      properties: { 'format-version': '2' },
    })
    const file = inHome('format-version: 3\n')
    const refused = await lakeshore('table', 'apply', 'shop.older', '--file', file, '--allow-drops', '--allow-removals')
    expect(refused.code).toBe(1)
    expect(refused.said).toContain('Upgrade the format version from 2 to 3: use --allow-upgrade')
    expect((await catalog.loadTable(older)).metadata.formatVersion).toBe(2)
    expect(await lakeshore('table', 'apply', 'shop.older', '--file', file, '--allow-upgrade')).toMatchObject({
      code: 0,
    })
    expect((await catalog.loadTable(older)).metadata.formatVersion).toBe(3)
  })

  it('removes nothing else unless asked to', async () => {
    const before = await metadata()
    const file = inHome(
      'properties: { write.parquet.compression-codec: zstd }\npartition-fields: []\nsort-fields: []\n',
    )
    const refused = await lakeshore('table', 'apply', 'shop.orders', '--file', file, '--allow-drops')
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.said).toContain('Remove owner')
    expect(refused.said).toContain('use --allow-removals')
    expect((await metadata()).properties).toEqual(before.properties)
    expect(await lakeshore('table', 'plan', 'shop.orders', '--file', file, '--allow-removals')).toMatchObject({
      code: 2,
    })
    expect((await lakeshore('table', 'apply', 'shop.orders', '--file', file, '--allow-removals')).code).toBe(0)
    const after = await metadata()
    expect(Object.keys(after.properties)).not.toContain('owner')
    expect(defaultSpec(after).fields).toEqual([])
    expect(defaultSortOrder(after).fields).toEqual([])
  })

  it.each([
    ['colums:\n  - { name: id, type: long }', 'colums'],
    [
      'columns:\n  - { name: id, type: int, required: true }\n  - { name: at, type: timestamptz }\n  - { name: total, type: "decimal(12,2)" }',
      'cannot become int',
    ],
    ['columns:\n  - { name: id, id: 99, type: long }', 'leave it out'],
    ['columns:\n  - { name: id, id: 1, type: { struct: [{ name: a, type: int }] } }', 'cannot become a struct'],
    ['format-version: 2', 'cannot become 2 again'],
    [
      'sort-fields:\n  - { column: gone, transform: identity, direction: asc, null-order: nulls-first }',
      'is not a column',
    ],
    ['properties: { uuid: x }', 'part of the table'],
    ['refs: { main: {} }', 'no branch or tag main'],
    ['a: &a [*a', 'no YAML'],
    ['- 1', 'the content must be sections, such as columns and properties, not a list.'],
    [
      'refs:\n  main:\n    retention: 7d',
      'orders.yaml, line 3: refs.main.retention is unknown. A ref has min-snapshots-to-keep',
    ],
  ])('refuses a file with a reason: %s', async (text, reason) => {
    const result = await lakeshore('table', 'plan', 'shop.orders', '--file', inHome(text))
    expect(result.code).toBe(1)
    expect(result.said).toContain(reason)
  })

  it('creates a table from an export, with ids of its own', async () => {
    const { out } = await lakeshore('table', 'export', 'shop.orders')
    const { code, said } = await lakeshore('table', 'create', 'shop.copy', '--file', inHome(out))
    expect(code, said).toBe(0)
    const created = (await catalog.loadTable({ ...identifier, table: 'copy' })).metadata
    const source = await metadata()
    expect(created.formatVersion).toBe(3)
    expect(currentSchema(created).fields.map(({ name, type }) => [name, typeLabel(type)])).toEqual(
      currentSchema(source).fields.map(({ name, type }) => [name, typeLabel(type)]),
    )
    expect(created.properties).toEqual(
      Object.fromEntries(Object.entries(source.properties).filter(([key]) => key !== 's3.secret-access-key')),
    )
    const [entry] = await listAudit(home.database, { tableUuid: created.tableUuid, limit: 1 })
    expect(entry).toMatchObject({ action: 'create-table', table: { table: 'copy' } })
    expect((await lakeshore('table', 'create', 'shop.copy', '--file', inHome(out))).code).toBe(1)
    expect((await lakeshore('table', 'plan', 'shop.copy', '--file', inHome(out), '--location', 'x')).code).toBe(2)
  })

  it('proposes what the file says, where a policy demands it', async () => {
    await home.database.commit([
      setPolicyChange({ catalog: 'local', namespace: ['shop'] }, { requiresProposal: true, by: 'ada' }),
    ])
    const file = inHome('properties: { owner: zoe, write.parquet.compression-codec: zstd }')
    const apply = (...more: string[]) => lakeshore('table', 'apply', 'shop.orders', '--file', file, ...more)
    expect((await apply()).said).toContain('need two people')
    expect((await apply('--propose', 'two\nlines')).code).toBe(2)
    const { code, said } = await apply('--propose', 'Name the owner', '--note', 'as agreed')
    expect(code, said).toBe(0)
    expect(said).toContain('not committed')
    const { tableUuid, properties } = await metadata()
    expect(properties['owner']).not.toBe('zoe')
    const [listed] = await listProposals(home.database, {
      entryKind: 'table',
      catalog: 'local',
      tableUuid,
      limit: 1,
    })
    const proposal = await findProposal(home.database, listed?.proposalId ?? '')
    expect(proposal).toMatchObject({
      title: 'Name the owner',
      note: 'as agreed',
      state: 'open',
      proposedBy: { username: COMMAND_LINE.username },
      action: {
        kind: 'change-table',
        intents: expect.arrayContaining([expect.objectContaining({ kind: 'set-property', value: 'zoe' })]),
      },
    })
  })

  it.each([
    [[], 'no action given'],
    [['destroy', 'shop.orders'], 'unknown action'],
    [['plan'], 'the table is missing'],
    [['plan', 'shop.orders'], '--file is missing'],
    [['export', 'orders'], 'is not a name'],
    [['apply', 'shop.orders', '--exit-code', '--file', 'x'], 'belongs to table plan'],
    [['plan', 'shop.orders', '--propose', 'x', '--file', 'x'], 'belongs to table apply'],
    [['apply', 'shop.orders', '--note', 'x', '--file', 'x'], 'belongs to --propose'],
  ])('explains arguments that it cannot use: %j', async (args, reason) => {
    const result = await lakeshore('table', ...args)
    expect(result.code).toBe(2)
    expect(result.said).toContain(reason)
  })
})
