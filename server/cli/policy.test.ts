import { beforeAll, expect, it } from 'vitest'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { runLakeshore } from './lakeshore'

const home = createTestHome()

async function policy(...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    ['policy', ...args],
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

beforeAll(async () => {
  const catalog = await openTestCatalog(home.services)
  for (const namespace of [['shop'], ['shop', 'eu']])
    await catalog.write({ kind: 'create-namespace', namespace, properties: {} })
  await home.database.commit([
    setPolicyChange({ catalog: 'local', namespace: ['shop'] }, { requiresProposal: true, by: 'ada' }),
  ])
})

it('shows which namespace demands two people', async () => {
  expect(await policy('show', 'shop.eu')).toMatchObject({
    code: 0,
    out: 'Changes need two people, as shop demands.',
  })
  expect((await policy('show', 'missing')).code).toBe(1)
})

it('switches the policy of a namespace off alone, with an entry of the audit, and not that of one around it', async () => {
  const within = await policy('off', 'shop.eu')
  expect(within).toMatchObject({ code: 1, said: expect.stringContaining('shop.eu has no policy of its own') })
  const { code, out, said } = await policy('off', 'shop')
  expect([code, out]).toEqual([0, 'Changes need no second person.'])
  const [entry] = await listAudit(home.database, { limit: 1 })
  expect(said).toBe(`shop no longer has a policy of its own (${entry?.id}).`)
  expect(entry).toMatchObject({
    action: 'set-change-policy',
    actor: { username: expect.stringMatching(/^command line( \(.+@.+\))?$/) },
    namespace: { catalog: 'local', namespace: ['shop'] },
    after: { policy: { requiresProposal: false } },
  })
  expect((await policy('off', 'shop')).code).toBe(1)
})

it.each([[['on', 'shop']], [['off']], [['show', 'a', 'b']]])('refuses %j', async (args) => {
  expect((await policy(...args)).code).toBe(2)
})
