import { beforeAll, describe, expect, it } from 'vitest'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import { CLONED_FROM } from '@/lib/iceberg/properties/cloned-from'
import { joinNamespace } from '@/lib/names/identifiers'
import type { Role } from '@/lib/permissions'
import { actorFor } from '@/server/auth/actor'
import { putGrantChanges } from '@/server/db/auth/grants'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { renameTable } from '@/testing/lifecycle/actions'

const home = createTestHome()
const signal = new AbortController().signal
const DEMO = { catalog: 'local', namespace: ['demo'] }
const TABLE = { ...DEMO, table: 'flights' }
const SOURCE = 'local.payroll.salaries'
const HIDDEN = expect.stringMatching(/^hidden \([0-9a-f]{8}\)$/) as string

let admin: SignedInUser
let viewer: SignedInUser
let editor: SignedInUser
let metadataFiles: string[] = []

/** A clone of a table in a namespace that only the admin may read, which was itself moved out of there. */
beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  viewer = await signInOnDemo('viewer')
  editor = await signInOnDemo('editor')
  const catalog = await openTestCatalog(home.services)
  for (const name of ['demo', 'payroll'])
    await catalog.write({ kind: 'create-namespace', namespace: [name], properties: {} })
  const created = { ...TABLE, namespace: ['payroll'] }
  await catalog.write({ kind: 'create-table', table: created, schema: ONE_COLUMN_SCHEMA })
  metadataFiles = [(await catalog.loadTable(created)).metadataLocation]
  const updates = { [CLONED_FROM.table]: SOURCE }
  await catalog.write({
    kind: 'commit-table',
    table: created,
    change: (): TableChange => ({ requirements: [], updates: [{ action: 'set-properties', updates }] }),
  })
  metadataFiles.push((await catalog.loadTable(created)).metadataLocation)
  const actor = actorFor({ ...admin, role: 'admin' })
  await renameTable(home.services, created, TABLE, { actor, signal, requestId: 'r' })
})

async function signInOnDemo(role: Role): Promise<SignedInUser> {
  const user = await signInAs(home.services, null)
  const holder = { kind: 'user', id: user.userId } as const
  await home.database.commit(
    putGrantChanges({ grantId: `${role} of demo`, holder, role, resource: DEMO, createdBy: 'a test' }),
  )
  return user
}

describe('A namespace that the reader may not read', () => {
  it('is not named by the move of a table out of it', async () => {
    const nameFor = async (user: SignedInUser) => {
      const { entries } = await callEndpoint('listHistory', user)
      const moves = (entries as { action: string; changes: unknown }[]).filter((one) => one.action === 'rename-table')
      return moves.map(({ changes }) => changes)
    }
    const move = { kind: 'name', name: 'name', before: 'payroll.flights', after: 'demo.flights' }
    expect(await nameFor(admin)).toEqual([[move]])
    expect(await nameFor(viewer)).toEqual([[{ ...move, before: 'a hidden name' }]])
  })

  it('is not named by the property of a clone, wherever properties are shown', async () => {
    const compared = { from: metadataFiles[0] ?? '', to: metadataFiles[1] ?? '' }
    const readAs = async (user: SignedInUser) => {
      const table = await callEndpoint('getTable', user)
      const layouts = await callEndpoint('getTableLayouts', user)
      const history = await callEndpoint('listHistory', user)
      const files = await callEndpoint('compareMetadataFiles', user, { query: compared })
      return { table, texts: [table, layouts, history, files].map((one) => JSON.stringify(one)) }
    }
    const shown = await readAs(admin)
    expect(shown.table['properties']).toMatchObject({ [CLONED_FROM.table]: SOURCE })
    expect(shown.texts.map((text) => text.includes(SOURCE))).toEqual([true, true, false, true])
    const hidden = await readAs(viewer)
    expect(hidden.table['properties']).toMatchObject({ [CLONED_FROM.table]: HIDDEN })
    expect(hidden.texts.map((text) => text.includes('salaries'))).toEqual([false, false, false, false])
  })

  it('stays hidden from an editor of the clone, who can remove the property', async () => {
    const { properties } = await callEndpoint('getTable', editor)
    const base = (properties as Record<string, string>)[CLONED_FROM.table]
    expect(base).toEqual(HIDDEN)
    const intents = (seen: string) => [{ kind: 'remove-property', key: CLONED_FROM.table, base: seen }]
    const stale = await callEndpoint('commitChanges', editor, { body: { intents: intents('hidden (00000000)') } })
    expect(stale).toMatchObject({ code: 'commit-conflict', facts: { current: base } })
    expect(JSON.stringify(stale)).not.toContain('salaries')
    const done = await callEndpoint('commitChanges', editor, { body: { intents: intents(base ?? '') } })
    expect(done).toHaveProperty('auditId')
    expect(JSON.stringify(await callEndpoint('listHistory', editor))).not.toContain('salaries')
    expect(JSON.stringify(await callEndpoint('listHistory', admin))).toContain(SOURCE)
  })
})

/** The response of the console's API about the table, including a problem. */
async function callEndpoint(
  name: string,
  user: SignedInUser,
  { query = {}, body }: { query?: Record<string, string>; body?: object } = {},
) {
  const endpoint = findEndpoint(name)
  const handler = await loadRouteHandler(home.services, endpoint)
  const request = new Request(`http://test/x?${new URLSearchParams(query).toString()}`, {
    method: endpoint.method,
    headers: { cookie: user.cookie, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const params = { ...TABLE, namespace: joinNamespace(TABLE.namespace) }
  const response = await handler(request, { params: Promise.resolve(params) })
  return (await response.json()) as Record<string, unknown>
}
