import { beforeAll, describe, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { LANDED_FIELDS, LandingTable } from '@/testing/ingest/landing-table'
import { findProposal, listProposals } from '@/server/db/catalog/proposals'
import { listRuns } from '@/server/db/jobs/runs'
import { runLakeshore } from '../lakeshore'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })
let table: LandingTable
let name = ''

beforeAll(async () => {
  table = await LandingTable.create(home.services, { fields: LANDED_FIELDS, partitionBy: 'city' })
  await table.appendAsOther('id,city,n\n1,a,1\n2,a,2\n3,b,3\n9007199254740993,a,4\n')
  name = `landing.${table.identifier.table}`
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
  return { code, out, said: said.join('\n') }
}

const ids = async () => (await table.rows()).map(([id]) => id)

describe('lakeshore table delete-rows', () => {
  it('counts the rows that match, and deletes none without --yes', async () => {
    const { code, said } = await lakeshore('table', 'delete-rows', name, '--where', 'id > 2')
    expect(code).toBe(0)
    expect(said).toBe(
      `Rows of main where id > 2: 2 rows.
1 data file to remove as a whole, and 1 data file with other rows, too (merge-on-read).
No row was deleted. Repeat the command with --yes to delete them.`,
    )
    expect(await listRuns(home.database, { limit: 9 })).toEqual([])
    expect(await ids()).toHaveLength(4)
  })

  it('proposes the deletion with the ids of the columns', async () => {
    const { said } = await lakeshore('table', 'delete-rows', name, '--where', 'id > 2', '--propose', 'Old rows')
    expect(said).toContain('No row was deleted.')
    const { tableUuid } = (await table.loaded()).metadata
    const [listed] = await listProposals(home.database, { entryKind: 'table', catalog: 'lake', tableUuid, limit: 9 })
    expect(await findProposal(home.database, listed?.proposalId ?? '')).toMatchObject({
      title: 'Old rows',
      action: {
        kind: 'delete-rows',
        where: '{"type":"gt","term":{"type":"reference","id":1},"value":2}',
        branch: null,
      },
    })
    expect(await ids()).toHaveLength(4)
  })

  it('deletes the rows with --yes, and prints the outcome', async () => {
    const { code, out, said } = await lakeshore(
      'table',
      'delete-rows',
      name,
      '--where',
      'id >= 9007199254740993',
      '--yes',
    )
    expect([code, said.split('\n').at(-1)]).toEqual([0, expect.stringMatching(/^1 row deleted as snapshot \d+[.]$/)])
    const [run] = await listRuns(home.database, { limit: 1 })
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ runId: run?.id, rowsDeleted: 1, filesChanged: 1 })
    expect(run?.title).toBe('Delete rows where id >= 9007199254740993')
    expect(await ids()).toEqual(['1', '2', '3'])
  })

  it.each([
    [['--yes'], 'the filter of the rows to delete'],
    [['--where', 'id = 1', '--yes', '--propose', 'x'], 'exclude each other'],
    [['--where', 'id = 1', '--file', 'x.yaml'], 'no file'],
    [['--where', 'nothing = 1', '--yes'], 'nothing'],
  ])('refuses %s', async (args, problem) => {
    const { code, said } = await lakeshore('table', 'delete-rows', name, ...args)
    expect(code).not.toBe(0)
    expect(said).toContain(problem)
    expect(await ids()).toEqual(['1', '2', '3'])
  })
})
