import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { ruleProperty } from '@/lib/iceberg/properties/value-rules'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { createTestHome } from '@/testing/homes/test-home'
import { LANDED_FIELDS, LandingTable } from '@/testing/ingest/landing-table'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { stageInput } from '../stage/stage-input'
import { ingestRuns } from './ingest-run'
import { INGEST, type IngestSpec, queueIngest, toFileLocation } from './ingest-spec'
import { readRunRejects } from './rejects/run-rejects'

const home = createTestHome()

const rule = (json: object) => JSON.stringify(json)
const ONCE = { [ruleProperty('once')]: rule({ columns: ['id'], unique: true }) }

function writeFiles(files: Readonly<Record<string, string>>): IngestSpec['input'] {
  const folder = mkdtempSync(path.join(home.config.homeDir, 'in-'))
  return Object.entries(files).map(([name, text]) => {
    writeFileSync(path.join(folder, name), text)
    return { location: toFileLocation(path.join(folder, name)) }
  })
}

const newTable = (properties: Readonly<Record<string, string>>) =>
  LandingTable.create(home.services, { fields: LANDED_FIELDS, properties })

async function load(
  identifier: LandingTable['identifier'],
  files: Readonly<Record<string, string>>,
  more: Partial<IngestSpec> = {},
) {
  let stagedCount = 0
  const kinds = {
    [INGEST]: ingestRuns(home.services, (request, { onProgress }) => {
      stagedCount += 1
      return stageInput(request, onProgress)
    }),
  }
  const spec = { format: 'csv' as const, ignoreExtra: false, maxRejectedRows: 100, create: null }
  const input = writeFiles(files)
  const id = await queueIngest(home.database, identifier, { ...spec, input, ...more }, COMMAND_LINE)
  const run = await runQueuedRun(home.services, id, kinds)
  return { run, stagedCount }
}

test('A unique rule looks at all files of a load: the first row in their order stays', async () => {
  const table = await newTable(ONCE)
  const files = { 'b.csv': 'id,n\n1,1\n2,2\n', 'a.csv': 'id,n\n3,3\n1,4\n3,5\n', 'c.csv': 'id,n\n3,6\n4,7\n' }
  const { run } = await load(table.identifier, files)
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsRead: 7, rowsRejected: 3, rowsCommitted: 4 } })
  expect((await table.rows()).map(([id, , n]) => [id, n])).toEqual([
    ['1', '1'],
    ['2', '2'],
    ['3', '3'],
    ['4', '7'],
  ])
  const reasons = (await readRunRejects(home.services, run))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; line: number; reason: string })
  expect(reasons.map(({ file, line, reason }) => [file, line, reason])).toEqual([
    ['a.csv', 3, 'breaks the rule once: has the same id as a row of b.csv'],
    ['a.csv', 4, 'breaks the rule once: has the same id as line 2'],
    ['c.csv', 2, 'breaks the rule once: has the same id as a row of a.csv'],
  ])
})

test('A unique rule does not look at the rows of the table', async () => {
  const table = await newTable(ONCE)
  for (const n of ['1', '2'])
    expect((await load(table.identifier, { 'a.csv': `id,n\n1,${n}\n` })).run.state).toBe('succeeded')
  expect(await table.rows()).toHaveLength(2)
})

describe('A load stops before it reads a row', () => {
  it.each([
    [
      'damaged JSON',
      '{',
      /^lakeshore[.]rule[.]x should be a rule such as .*: it is no JSON object[.] Nothing was loaded[.]$/,
    ],
    [
      'a column that was renamed',
      rule({ column: 'town', notNull: true }),
      'lakeshore.rule.x names the column town, which the table does not have; if the column was renamed or dropped, set or remove the rule. Nothing was loaded.',
    ],
    [
      'a wrong type',
      rule({ column: 'city', min: '1' }),
      'lakeshore.rule.x cannot check the column city of type string for min and max. Nothing was loaded.',
    ],
  ])('for a rule with %s', async (_what, json, message) => {
    const table = await newTable({ [ruleProperty('x')]: json })
    const { run, stagedCount } = await load(table.identifier, { 'a.csv': 'id\n1\n' })
    expect(run).toMatchObject({
      state: 'failed',
      error: { code: 'invalid-request', facts: { key: 'lakeshore.rule.x' } },
    })
    expect(run.error?.detail).toMatch(message)
    expect(stagedCount).toBe(0)
  })

  it('for a rule of the table that it would create', async () => {
    const schema = JSON.stringify({ type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] })
    const create = { schema, partitionBy: null, properties: { [ruleProperty('x')]: rule({ column: 'id', max: '1' }) } }
    const table = { catalog: home.config.catalogName, namespace: ['made'], table: 'a' }
    const made = await load(table, { 'a.csv': 'id\n1\n2\n' }, { create })
    expect(made.run).toMatchObject({ state: 'succeeded', outcome: { rowsRejected: 1, rowsCommitted: 1 } })
    const bad = { ...create, properties: { [ruleProperty('x')]: rule({ column: 'n', max: '1' }) } }
    const { run } = await load({ ...table, table: 'b' }, { 'a.csv': 'id\n1\n' }, { create: bad })
    expect(run).toMatchObject({ state: 'failed', error: { facts: { key: 'lakeshore.rule.x' } } })
  })
})

describe('An upsert', () => {
  const landing = { operation: 'upsert', branch: null } as const

  it('rejects a repeated key where a rule says that keys are unique, and replaces rows of the table', async () => {
    const table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      identifierFieldIds: [1],
      properties: ONCE,
    })
    await load(table.identifier, { 'a.csv': 'id,n\n1,1\n2,2\n' })
    const { run } = await load(table.identifier, { 'a.csv': 'id,n\n1,10\n1,11\n' }, { landing })
    expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsRejected: 1, rowsUpdated: 1 } })
    expect((await table.rows()).map(([id, , n]) => [id, n])).toEqual([
      ['1', '10'],
      ['2', '2'],
    ])
  })

  it('checks the rules again when it reads its files a second time', async () => {
    const properties = { [ruleProperty('x')]: rule({ columns: ['id', 'city'], unique: true }) }
    const sortOrder = {
      orderId: 1,
      fields: [{ sourceId: 3, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' } as const],
    }
    const table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      identifierFieldIds: [1],
      properties,
      sortOrder,
    })
    const { run, stagedCount } = await load(
      table.identifier,
      { 'a.csv': 'id,city,n\n1,a,9\n1,a,8\n', 'b.csv': 'id,city,n\n1,b,7\n1,a,6\n' },
      { landing },
    )
    expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsRejected: 2 } })
    expect(stagedCount).toBe(4)
    expect((await table.rows()).map((row) => row.slice(0, 3))).toEqual([['1', 'b', '7']])
  })
})
