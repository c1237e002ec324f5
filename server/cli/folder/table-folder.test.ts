import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { addGroup } from '@/server/access/groups'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listGrants } from '@/server/db/auth/grants'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { findProposal } from '@/server/db/catalog/proposals'
import { readOwnPolicy } from '@/server/policy/change-policy'
import { runLakeshore } from '../lakeshore'
import type { FolderReport } from './folder-report'

/** `lakeshore table plan|apply --folder`. */

const home = createTestHome()
let catalog: CatalogClient
let ada: SignedInUser
let folder: string
let count = 0
/** A namespace for each test. */
let space: string

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  ada = await signInAs(home.services, null)
  await addGroup(home.database, 'analysts', { actor: COMMAND_LINE, requestId: null })
})
beforeEach(async () => {
  count += 1
  space = `shop${count}`
  folder = path.join(home.config.homeDir, `folder-${count}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  await catalog.write({ kind: 'create-namespace', namespace: [space], properties: {} })
  await catalog.write({
    kind: 'create-table',
    table: orders(),
    schema: {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [
        { id: 1, name: 'id', required: false, type: 'long' },
        { id: 2, name: 'note', required: false, type: 'string' },
      ],
    },
    properties: { owner: 'ada' },
  })
})

const orders = () => ({ catalog: 'local', namespace: [space], table: 'orders' })
const ID = '  - { name: id, type: long }\n'
const NOTE = '  - { name: note, type: string }\n'
const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text)
const writeTable = (text: string, table = 'orders') => write(`${space}.${table}.yaml`, text)

async function table(action: 'plan' | 'apply', ...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    ['table', action, '--folder', folder, ...args],
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

async function report(action: 'plan' | 'apply', ...args: string[]) {
  const { code, out, said } = await table(action, '--json', ...args)
  if (out === '') throw new Error(said)
  return { code, ...(JSON.parse(out) as FolderReport) }
}

const columnNames = async (name = 'orders') =>
  (await catalog.loadTable({ ...orders(), table: name })).metadata.schemas.at(-1)?.fields.map((field) => field.name)

const grantsOfSpace = async () =>
  (await listGrants(home.database, { within: { catalog: 'local', namespace: [space] } }, 100)).map(
    ({ role, holder, resource }) => [role, holder.kind, holder.name, resource.table ?? null],
  )

describe('A plan of a folder', () => {
  it('ends with 0 when everything matches, and with 3 when something differs', async () => {
    writeTable(`columns:\n${ID}${NOTE}`)
    expect(await table('plan', '--exit-code')).toEqual({ code: 0, out: '', said: 'Nothing to do: 1 entry compared.' })
    writeTable(`columns:\n${ID}${NOTE}  - { name: at, type: timestamptz }\n`)
    writeTable(`columns:\n${ID}`, 'returns')
    expect((await table('plan')).code, 'without --exit-code').toBe(0)
    const { code, out, said } = await table('plan', '--exit-code')
    expect(code).toBe(3)
    expect(out.split('\n')).toEqual([
      `${space}.orders: differs`,
      '  + Add the column at (timestamptz)',
      `${space}.returns: differs`,
      '  + Create the table, which is empty',
    ])
    expect(said).toBe('To change: 2 of 2 entries. Nothing was changed.')
    expect(await columnNames()).toEqual(['id', 'note'])
  })

  it('has one report for programs, in a stable shape', async () => {
    writeTable(`columns:\n${ID}`)
    writeTable('columns:\n  - { name: id, type: wrong }', 'broken')
    expect(await report('plan', '--exit-code')).toEqual({
      code: 1,
      version: 1,
      action: 'plan',
      catalog: 'local',
      outcome: 'failed',
      entries: [
        {
          kind: 'table',
          name: `${space}.broken`,
          file: `${space}.broken.yaml`,
          result: 'failed',
          changes: [],
          warnings: [],
          needsProposal: false,
          missingFlags: [],
          auditId: null,
          proposalId: null,
          problem: { code: 'invalid-request', detail: expect.stringContaining('wrong') },
        },
        {
          kind: 'table',
          name: `${space}.orders`,
          file: `${space}.orders.yaml`,
          result: 'differs',
          changes: [{ sign: '-', text: 'Drop the column note' }],
          warnings: expect.any(Array),
          needsProposal: false,
          missingFlags: ['allow-drops'],
          auditId: null,
          proposalId: null,
          problem: null,
        },
      ],
    })
  })

  it.each([
    ['no-table.yaml', '{}', 'is not named for a table'],
    ['a.b.yaml', '- 1', 'must be sections'],
    [
      'access.yaml',
      'grants:\n  - { role: viewer, user: ada, group: b }',
      'grants[0] is not valid: a grant has one holder',
    ],
    ['access.yaml', 'grant: []', 'access.yaml: the content has an unknown key, grant. The keys are grants, policies.'],
    [
      'access.yaml',
      'policies:\n  - { namespace: a, two_people: true }',
      'policies[0] has an unknown key, two_people. The keys are namespace, two-people, engines.',
    ],
    [
      'access.yaml',
      'grants:\n  - { users: ada, role: viewer }',
      'grants[0] has an unknown key, users. The keys are user, group, everyone, role, namespace, table.',
    ],
    ['access.yaml', 'grants:\n  - { user: ada, role: chef }', 'grants[0].role is not valid'],
    [
      'access.yaml',
      'policies:\n  - { namespace: a, two-people: false, engines: true }',
      'only if changes need two people',
    ],
  ])('compares nothing when a file is wrong: %s', async (name, text, reason) => {
    writeTable(`columns:\n${ID}`)
    write(name, text)
    const { code, said, out } = await table('plan', '--exit-code')
    expect([code, out]).toEqual([1, ''])
    expect(said).toContain(reason)
  })

  it('refuses a folder without files, with a subfolder, with one table twice, and of too many tables', async () => {
    expect((await table('plan')).said).toContain('has no file such as demo.flights.yaml')
    writeTable('properties: {}')
    write(`${space}.orders.yml`, 'properties: {}')
    expect((await table('plan')).said).toContain('describe the same table')
    for (let i = 0; i < 500; i += 1) write(`${space}.t${i}.yaml`, '{}')
    expect((await table('plan')).said).toContain('at most 500')
    mkdirSync(path.join(folder, 'more'))
    expect((await table('plan')).said).toContain('Put all files into one folder')
  })
})

describe('An apply of a folder', () => {
  it('changes and creates tables, one commit each, and then finds nothing to do', async () => {
    writeTable(`columns:\n${ID}${NOTE}  - { name: at, type: timestamptz }\n`)
    writeTable(`columns:\n${ID}`, 'returns')
    const applied = await report('apply')
    expect(applied).toMatchObject({
      code: 0,
      outcome: 'applied',
      entries: [{ result: 'committed', auditId: expect.any(String) }, { result: 'committed' }],
    })
    expect([await columnNames(), await columnNames('returns')]).toEqual([['id', 'note', 'at'], ['id']])
    expect(await report('apply')).toMatchObject({ code: 0, outcome: 'matches' })
  })

  it('changes nothing at all when one entry needs a flag', async () => {
    writeTable(`columns:\n${ID}`)
    writeTable(`columns:\n${ID}`, 'returns')
    const refused = await report('apply')
    expect(refused).toMatchObject({
      code: 1,
      outcome: 'failed',
      entries: [{ result: 'refused', missingFlags: ['allow-drops'] }, { result: 'not-reached' }],
    })
    expect(await columnNames()).toEqual(['id', 'note'])
    await expect(columnNames('returns')).rejects.toMatchObject({ code: 'not-found' })
    const { said, out } = await table('apply')
    expect(out).toContain(`${space}.orders: refused, needs --allow-drops`)
    expect(said).toContain('Nothing was changed.')
    expect(await report('apply', '--allow-drops')).toMatchObject({ code: 0, outcome: 'applied' })
    expect(await columnNames()).toEqual(['id'])
  })

  it('grants and removes roles in the catalog, and removes only with the flag', async () => {
    const user = ada.username
    const on = `namespace: ${space}`
    write(
      'access.yaml',
      `grants:\n  - { user: ${user}, role: viewer, ${on} }\n  - { group: analysts, role: editor, ${on}, table: orders }\n`,
    )
    const all = ['--allow-removals']
    expect((await report('plan')).entries).toMatchObject([
      {
        kind: 'grants',
        name: 'grants of local',
        changes: expect.arrayContaining([
          { sign: '+', text: `Grant viewer on local.${space} for user ${user}` },
          { sign: '+', text: `Grant editor on local.${space}.orders for group analysts` },
        ]),
      },
    ])
    expect(await report('apply', ...all)).toMatchObject({ code: 0, outcome: 'applied' })
    expect(await grantsOfSpace()).toEqual(
      expect.arrayContaining([
        ['viewer', 'user', user, null],
        ['editor', 'group', 'analysts', 'orders'],
      ]),
    )
    write('access.yaml', `grants:\n  - { user: ${user}, role: editor, ${on} }\n`)
    expect(await report('apply')).toMatchObject({
      code: 1,
      entries: [{ result: 'refused', missingFlags: ['allow-removals'] }],
    })
    expect(await grantsOfSpace()).toHaveLength(2)
    const { entries } = await report('apply', ...all)
    expect(entries[0]?.changes).toEqual([
      { sign: '~', text: `Change viewer to editor on local.${space} for user ${user}` },
      { sign: '-', text: `Remove editor on local.${space}.orders for group analysts` },
    ])
    expect(await grantsOfSpace()).toEqual([['editor', 'user', user, null]])
    write('access.yaml', 'grants:\n  - { user: nobody, role: viewer }\n')
    expect(await report('plan')).toMatchObject({ code: 1, entries: [{ problem: { code: 'not-found' } }] })
  })

  it('makes a policy stricter at once, after the tables, and proposes a weaker one', async () => {
    const on = { catalog: 'local', namespace: [space] }
    writeTable(`columns:\n${ID}${NOTE}  - { name: at, type: timestamptz }\n`)
    write('access.yaml', `policies:\n  - { namespace: ${space}, two-people: true, engines: true }\n`)
    expect(await report('apply')).toMatchObject({ code: 0, outcome: 'applied' })
    expect(await readOwnPolicy(home.database, on)).toEqual({ requiresProposal: true, includesEngines: true })

    write('access.yaml', `policies:\n  - { namespace: ${space}, two-people: false }\n`)
    expect(await report('apply', '--propose', 'Off')).toMatchObject({ code: 1, outcome: 'failed' })
    expect(await report('apply', '--allow-removals')).toMatchObject({
      code: 1,
      entries: [{ result: 'unchanged' }, { result: 'refused', needsProposal: true }],
    })
    const proposed = await report('apply', '--allow-removals', '--propose', 'Off')
    expect(proposed).toMatchObject({ code: 0, entries: [{}, { result: 'proposed', proposalId: expect.any(String) }] })
    expect(await findProposal(home.database, proposed.entries[1]?.proposalId ?? '')).toMatchObject({
      title: 'Off',
      action: { kind: 'relax-change-policy', requiresProposal: false },
    })
    expect(await readOwnPolicy(home.database, on)).toMatchObject({ requiresProposal: true })
  })

  it('ends the policies that the file leaves out, with the flag and two people', async () => {
    const gone = { catalog: 'local', namespace: [`gone${count}`] }
    const on = { catalog: 'local', namespace: [space] }
    const held = { requiresProposal: true, by: 'ada' }
    await home.database.commit([setPolicyChange(on, held), setPolicyChange(gone, held)])
    const policyOf = ({ entries }: FolderReport, name = space) =>
      entries.find((entry) => entry.name === `policy of ${name}`)

    write('access.yaml', 'grants: []\n')
    expect(policyOf(await report('plan')), 'without the section').toBeUndefined()
    write('access.yaml', 'policies: []\n')
    const planned = await report('plan', '--exit-code')
    expect(planned.code).toBe(3)
    expect(policyOf(planned)).toMatchObject({
      result: 'differs',
      changes: [{ sign: '-', text: 'No longer: changes need two people' }],
      needsProposal: true,
      missingFlags: ['allow-removals'],
    })
    expect(policyOf(planned, `gone${count}`)).toMatchObject({ result: 'unchanged' })
    expect(policyOf(await report('apply', '--propose', 'Off'))).toMatchObject({ result: 'refused' })
    const proposed = policyOf(await report('apply', '--allow-removals', '--propose', 'Off'))
    expect(proposed).toMatchObject({ result: 'proposed' })
    expect(await findProposal(home.database, proposed?.proposalId ?? '')).toMatchObject({
      action: { kind: 'relax-change-policy', requiresProposal: false },
    })
    expect(await readOwnPolicy(home.database, on)).toMatchObject({ requiresProposal: true })
  })

  it('proposes the changes that need two people, and commits the others', async () => {
    const held = `held${count}`
    await catalog.write({ kind: 'create-namespace', namespace: [held], properties: {} })
    const schema = {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [{ id: 1, name: 'id', required: false, type: 'long' as const }],
    }
    await catalog.write({ kind: 'create-table', table: { catalog: 'local', namespace: [held], table: 't' }, schema })
    await home.database.commit([
      setPolicyChange({ catalog: 'local', namespace: [held] }, { requiresProposal: true, by: 'ada' }),
    ])
    write(`${held}.t.yaml`, `columns:\n${ID}${NOTE}`)
    writeTable(`columns:\n${ID}${NOTE}  - { name: at, type: timestamptz }\n`)
    expect(await report('apply')).toMatchObject({
      code: 1,
      entries: [
        { result: 'refused', needsProposal: true },
        { result: 'not-reached', needsProposal: false },
      ],
    })
    expect(await columnNames()).toEqual(['id', 'note'])
    const applied = await report('apply', '--propose', 'Add notes')
    expect(applied).toMatchObject({
      code: 0,
      outcome: 'applied',
      entries: [
        { result: 'proposed', auditId: null },
        { result: 'committed', proposalId: null },
      ],
    })
    expect(await findProposal(home.database, applied.entries[0]?.proposalId ?? '')).toMatchObject({
      title: 'Add notes',
      action: { kind: 'change-table' },
    })
  })
})

it.each([
  [['create', 'a.b', '--folder', 'x'], '--folder belongs to table export, table plan and table apply'],
  [['export', 'a', '--folder', 'x', '--file', 'y'], '--folder names the tables by its files'],
  [['plan', 'a.b', '--folder', 'x'], '--folder names the tables by its files'],
  [['plan', 'a.b', '--file', 'x', '--json'], '--json belongs to --folder'],
  [['apply', '--folder', 'x', '--exit-code'], '--exit-code belongs to table plan'],
])('explains arguments that it cannot use: %j', async (args, reason) => {
  const said: string[] = []
  const terminal = {
    print: () => undefined,
    printMessage: (line: string) => said.push(line),
    prompt: async () => null,
    signal: new AbortController().signal,
  }
  expect(await runLakeshore(['table', ...args], terminal, () => home.services)).toBe(2)
  expect(said.join('\n')).toContain(reason)
})
