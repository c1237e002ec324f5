import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createServicesAt, signInAs } from '@/testing/homes/test-home'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import type { Services } from '@/server/services'
import { buildProgram } from './create-program'
import type { Program, RouteMethod } from './program'

/** Two programs on two homes, in one process. */

type Side = { services: Services; stopping: AbortController; program: Program; cookie: string; token: string }

let folder: string
let left: Side
let right: Side

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'two-programs-'))
  left = await sideAt(path.join(folder, 'left'))
  right = await sideAt(path.join(folder, 'right'))
})
afterAll(async () => {
  await Promise.all([left, right].map(({ program }) => program.close()))
  rmSync(folder, { recursive: true })
})

async function sideAt(homeDir: string): Promise<Side> {
  const services = createServicesAt(homeDir)
  const stopping = new AbortController()
  const stoppable = { ...services, stopping: stopping.signal }
  const program = buildProgram(stoppable, stopping)
  const { cookie } = await signInAs(services, 'editor')
  const catalog = await openTestCatalog(services)
  await catalog.write({ kind: 'create-namespace', namespace: ['ns'], properties: {} })
  return { services, stopping, program, cookie, token: await createRestTokenAs(services, 'editor') }
}

async function statusOf({ program }: Side, method: RouteMethod, path: string, headers: Record<string, string>) {
  const request = new Request(`http://test${path}`, { method, headers })
  return (await program.handle(method, path.split('/').slice(1), request)).status
}

describe('Two programs of one process', () => {
  it('do not accept each other’s sessions and tokens', async () => {
    const session = (side: Side, cookie: string) => statusOf(side, 'GET', '/api/v1/session', { cookie })
    expect([await session(left, left.cookie), await session(right, right.cookie)]).toEqual([200, 200])
    expect([await session(left, right.cookie), await session(right, left.cookie)]).toEqual([401, 401])
    const config = (side: Side, token: string) =>
      statusOf(side, 'GET', '/iceberg/v1/config', { authorization: `Bearer ${token}` })
    expect([await config(left, left.token), await config(right, right.token)]).toEqual([200, 200])
    expect([await config(left, right.token), await config(right, left.token)]).toEqual([401, 401])
  })

  it('have separate tables of the same name', async () => {
    const identifier = { catalog: 'local', namespace: ['ns'], table: 't' }
    const created = await (await openTestCatalog(left.services)).write({
      kind: 'create-table',
      table: identifier,
      schema: ONE_COLUMN_SCHEMA,
    })
    const load = (side: Side) =>
      statusOf(side, 'GET', '/iceberg/v1/local/namespaces/ns/tables/t', {
        authorization: `Bearer ${side.token}`,
      })
    expect([await load(left), await load(right)]).toEqual([200, 404])
    await (await openTestCatalog(right.services)).write({
      kind: 'create-table',
      table: identifier,
      schema: ONE_COLUMN_SCHEMA,
    })
    const other = await (await openTestCatalog(right.services)).loadTable(identifier)
    expect(other.metadata.tableUuid).not.toBe(created.metadata.tableUuid)
    expect([await load(left), await load(right)]).toEqual([200, 200])
  })

  it('stop one without the other', async () => {
    left.stopping.abort()
    expect([await statusOf(left, 'GET', '/readyz', {}), await statusOf(right, 'GET', '/readyz', {})]).toEqual([
      503, 200,
    ])
    await left.program.close()
    expect(await statusOf(right, 'GET', '/api/v1/session', { cookie: right.cookie })).toBe(200)
  })
})
