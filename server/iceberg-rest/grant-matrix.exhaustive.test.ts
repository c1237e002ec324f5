import { beforeAll, describe, expect, it } from 'vitest'
import { joinNamespace, splitNamespace } from '@/lib/names/identifiers'
import { type Resource, ROLE_PERMISSIONS, type Role, ROLES } from '@/lib/permissions'
import { createRestClient, createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { type OperationTarget, SCHEMA, sendOperation, VERSION } from '@/testing/catalogs/sample-operation'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { issueToken } from '@/server/auth/tokens/tokens'
import { deleteGrantChange, putGrantChanges } from '@/server/db/auth/grants'
import { findUser } from '@/server/db/auth/users'
import type { Change } from '@/server/db/database'
import { OPERATIONS, type Operation } from './operations'

/**
 * Every operation of the Iceberg REST catalog, for every role on every level, on tables that exist: granted to a user,
 * and as the limit of a token of an admin.
 */

const home = createTestHome()
const TOP_BELOW = joinNamespace(['top', 'below'])
const NAMESPACES = ['ours', joinNamespace(['ours', 'deeper']), 'ours2', 'theirs', 'top', TOP_BELOW, 'topmost']
const LEVELS: Record<string, Resource[]> = {
  catalog: [{ catalog: 'local' }],
  namespace: [{ catalog: 'local', namespace: ['ours'] }],
  'namespace above': [{ catalog: 'local', namespace: ['top'] }],
  table: ['t', 'v'].map((table) => ({ catalog: 'local', namespace: ['ours'], table })),
}
const INSIDE: Record<string, string> = {
  catalog: 'theirs',
  namespace: 'ours',
  'namespace above': TOP_BELOW,
  table: 'ours',
}
/** Locations that a check by prefix, by name alone or by part of a path would let through. */
const OUTSIDE: Record<string, { catalog?: string; namespace: string }[]> = {
  catalog: [{ catalog: 'local2', namespace: 'ours' }],
  namespace: [{ namespace: 'theirs' }, { namespace: 'ours2' }, { catalog: 'local2', namespace: 'ours' }],
  'namespace above': [{ namespace: 'topmost' }, { namespace: 'ours' }],
  table: [{ namespace: 'theirs' }, { namespace: joinNamespace(['ours', 'deeper']) }],
}
/** Errors for a missing table, view, namespace or catalog; the other types of 404 are about plans. */
const HIDDEN = /^(NoSuch(Table|View|Namespace|Warehouse)|NotFound)Exception$/

const clients = new Map<string, RestClient>()
const grantsByUser = new Map<string, Change[]>()
let admin: RestClient
let stranger: RestClient

beforeAll(async () => {
  admin = await createRestClientAs(home.services, 'admin')
  for (const namespace of NAMESPACES) {
    await admin('POST', 'local/namespaces', { body: { namespace: [...splitNamespace(namespace)] } })
    await createContents(namespace)
  }
  await createContents('ours', 'u', 'w')
  stranger = await createClient('stranger', 'admin', [{ catalog: 'left' }])
  await home.database.commit([deleteGrantChange('stranger 0')])
  for (const [level, resources] of Object.entries(LEVELS)) {
    for (const role of ROLES) {
      clients.set(`${role} on ${level}`, await createClient(`${role} on ${level}`, role, resources))
      const [on, ...others] = resources
      if (on && others.length === 0) clients.set(`token as ${role} on ${level}`, await createLimitedClient(role, on))
    }
  }
})

/** Does nothing where they exist already. */
async function createContents(namespace: string, table = 't', view = 'v') {
  const path = `local/namespaces/${encodeURIComponent(namespace)}`
  await admin('POST', `${path}/tables`, { body: { name: table, schema: SCHEMA } })
  await admin('POST', `${path}/views`, { body: { name: view, schema: SCHEMA, 'view-version': VERSION } })
}

async function createClient(name: string, role: Role, on: readonly Resource[]) {
  const { userId } = await signInAs(home.services, null)
  const owner = await findUser(home.database, userId)
  if (!owner) throw new Error('the new user does not exist')
  const holder = { kind: 'user', id: userId } as const
  const changes = on.flatMap((resource, i) =>
    putGrantChanges({ role, resource, grantId: `${name} ${i}`, holder, createdBy: 'a test' }),
  )
  await home.database.commit(changes)
  grantsByUser.set(name, changes)
  const form = { owner, name: 'engine', role, days: 7 } as const
  const { text } = await issueToken(home.database, form, { actor: owner, requestId: null })
  return createRestClient(home.services, text)
}

async function createLimitedClient(role: Role, on: Resource) {
  const { userId } = await signInAs(home.services, 'admin')
  const owner = await findUser(home.database, userId)
  if (!owner) throw new Error('the new user does not exist')
  const form = { owner, name: 'engine', role, on, days: 7 } as const
  const { text } = await issueToken(home.database, form, { actor: owner, requestId: null })
  return createRestClient(home.services, text)
}

const SERVED = (Object.values(OPERATIONS) as Operation[]).filter(({ permission }) => permission !== 'none')
const ADDRESSED = SERVED.filter(({ id }) => id !== 'getConfig')
const isOfView = ({ id }: Operation) => /View$|^viewExists$/.test(id)
/** Operations on an existing table or view. The others name a namespace, or less. */
const isOfContent = ({ id, path }: Operation) =>
  /\{(table|view)\}/.test(path) || ['renameTable', 'renameView', 'commitTransaction'].includes(id)
const targetOf = (operation: Operation, scope: { catalog?: string; namespace: string }): OperationTarget => ({
  ...scope,
  table: isOfView(operation) ? 'v' : 't',
  warehouse: home.config.warehouse,
})
const errorType = (body: unknown) => (body as { error?: { type?: string } }).error?.type ?? ''

const MATRIX = ADDRESSED.flatMap((operation) =>
  Object.keys(LEVELS).flatMap((level) =>
    ROLES.flatMap((role) =>
      (level === 'table' ? [''] : ['', 'token as ']).map((by) => ({ name: operation.id, operation, level, role, by })),
    ),
  ),
)

describe('The Iceberg REST catalog', () => {
  it.each(MATRIX)('$name: $by$role on a $level', async ({ operation, level, role, by }) => {
    const client = clients.get(`${by}${role} on ${level}`)
    const namespace = INSIDE[level]
    if (!client || namespace === undefined) throw new Error(`no user for ${role} on ${level}`)
    const { permission } = operation
    // A role on a table gives none on its namespace, which its user may only enter.
    const reaches = level !== 'table' || isOfContent(operation)
    const may =
      permission === 'signed-in' || (permission !== 'none' && reaches && ROLE_PERMISSIONS[role].includes(permission))
    expect(await outcomeOf(client, operation, targetOf(operation, { namespace }))).toBe(may ? 'served' : 'forbidden')
    if (operation.isWrite) await restore(namespace)
    const scopes = operation.id === 'listNamespaces' ? [] : (OUTSIDE[level] ?? [])
    const targets = scopes.map((scope) => targetOf(operation, scope))
    if (level === 'table' && isOfContent(operation)) {
      targets.push({ namespace: 'ours', table: isOfView(operation) ? 'w' : 'u' })
    }
    const outcomes = await Promise.all(targets.map((target) => outcomeOf(client, operation, target)))
    expect(outcomes).toEqual(targets.map(() => 'hidden'))
  })

  it.each(SERVED)('$id: no user without a grant', async (operation) => {
    expect(await outcomeOf(stranger, operation, targetOf(operation, { namespace: 'ours' }))).toBe('hidden')
  })

  it('lists what one may see, and no more', async () => {
    const reader = clients.get('viewer on table')
    if (!reader) throw new Error('no such user')
    const list = async (path: string) => (await reader('GET', `local/namespaces${path}`)).body
    expect(await list('')).toMatchObject({ namespaces: [['ours']] })
    expect(await list('?parent=ours')).toMatchObject({ namespaces: [] })
    expect(await list('/ours/tables?pageToken=&pageSize=10')).toEqual({
      identifiers: [{ namespace: ['ours'], name: 't' }],
      'next-page-token': null,
    })
    expect(await list('/ours/views')).toMatchObject({ identifiers: [{ namespace: ['ours'], name: 'v' }] })
    expect(await list('/ours')).toMatchObject({ namespace: ['ours'] })
  })
})

/** Restores the contents of a dropped namespace, and all grants on the table. */
async function restore(namespace: string) {
  await createContents(namespace)
  await home.database.commit(ROLES.flatMap((role) => grantsByUser.get(`${role} on table`) ?? []))
}

async function outcomeOf(client: RestClient, operation: Operation, target: OperationTarget): Promise<string> {
  const { status, body } = await sendOperation(client, operation, target)
  const type = errorType(body)
  if (status === 403 && (operation.method === 'HEAD' || type === 'ForbiddenException')) return 'forbidden'
  // HEAD has no body.
  if (status === 404 && (operation.method === 'HEAD' || HIDDEN.test(type))) return 'hidden'
  return status === 401 || status === 500 ? `failed with ${status}` : 'served'
}
