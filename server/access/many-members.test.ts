import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { addGroup, listGrantHolders, listGroupMembers, listUsers } from '@/lib/contract/access'
import { change } from '@/server/db/statement'
import { requestWith } from '@/testing/contract/request-with'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'

const home = createTestHome()
const MEMBERS = 10_000
const GROUP = 'everyone-of-sales'
let admin: SignedInUser

beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  const numbers = Array.from({ length: MEMBERS }, (_, i) => String(i).padStart(5, '0'))
  const group = { id: GROUP, name: GROUP, source: 'console' as const, created_at_ms: 1, created_by: 'a test' }
  await home.database.commit([
    change(({ db }) => db.insertInto('user_groups').values(group), { guards: ['access'] }),
    ...numbers.flatMap((number, i) => {
      const user = {
        id: `id-${number}`,
        username: `${i % 2 === 0 ? 'u' : 'U'}${number}`,
        password_hash: 'none',
        has_generated_password: 0,
        role: 'viewer' as const,
        created_at_ms: 1,
        password_changed_at_ms: 1,
      }
      return [
        change(({ db }) => db.insertInto('users').values(user), { guards: ['access'] }),
        change(({ db }) => db.insertInto('group_members').values({ group_id: GROUP, user_id: user.id })),
      ]
    }),
  ])
})

async function call<E extends typeof listUsers | typeof listGrantHolders | typeof addGroup>(
  endpoint: E,
  fields: z.input<E['input']>,
): Promise<z.output<E['output']>> {
  const { request, params } = requestWith(endpoint, fields, admin.cookie)
  const response = await (await loadRouteHandler(home.services, endpoint))(request, { params: Promise.resolve(params) })
  expect(response.status).toBe(200)
  return endpoint.output.parse(await response.json()) as z.output<E['output']>
}

async function readPage(after: string | null): Promise<z.output<typeof listGroupMembers.output>> {
  const fields = { groupId: GROUP, ...(after !== null && { after }) }
  const { request, params } = requestWith(listGroupMembers, fields, admin.cookie)
  const handler = await loadRouteHandler(home.services, listGroupMembers)
  const response = await handler(request, { params: Promise.resolve(params) })
  expect(response.status).toBe(200)
  return listGroupMembers.output.parse(await response.json())
}

describe('A group of 10,000 members', () => {
  it('is listed page after page: each member once, in order of names, whatever their case', async () => {
    const names: string[] = []
    let next: string | null = null
    do {
      const page = await readPage(next)
      expect(page.members.length).toBeGreaterThan(0)
      names.push(...page.members.map(({ username }) => username.toLowerCase()))
      next = page.next
    } while (next !== null)
    expect(names).toEqual(Array.from({ length: MEMBERS }, (_, i) => `u${String(i).padStart(5, '0')}`))
  })

  it('loses and repeats no member when the member that ends a page leaves in between', async () => {
    const first = await readPage(null)
    const last = first.members.at(-1)?.userId ?? ''
    const leaving = (isMember: boolean) =>
      change(({ db }) =>
        isMember
          ? db.insertInto('group_members').values({ group_id: GROUP, user_id: last })
          : db.deleteFrom('group_members').where('group_id', '=', GROUP).where('user_id', '=', last),
      )
    await home.database.commit([leaving(false)])
    const second = await readPage(first.next)
    await home.database.commit([leaving(true)])
    expect(second.members[0]?.username.toLowerCase()).toBe('u00200')
  })
})

describe('A search among more users than are listed at once', () => {
  const NAMESAKES = 230
  const namesOf = ({ users }: z.output<typeof listUsers.output>) => users.map(({ username }) => username)

  beforeAll(async () => {
    const user = (username: string) => ({
      id: `id-${username}`,
      username,
      password_hash: 'none',
      has_generated_password: 0,
      role: 'viewer' as const,
      created_at_ms: 1,
      password_changed_at_ms: 1,
    })
    const names = Array.from({ length: NAMESAKES }, (_, i) => `an-zoe-${String(i).padStart(3, '0')}`)
    await home.database.commit(
      [...names, 'Zoe'].map((name) =>
        change(({ db }) => db.insertInto('users').values(user(name)), { guards: ['access'] }),
      ),
    )
  })

  it('finds the user whose whole name it is first, and each other user once', async () => {
    const first = await call(listUsers, { query: 'zoe' })
    expect(namesOf(first).slice(0, 2)).toEqual(['Zoe', 'an-zoe-000'])
    const second = await call(listUsers, { query: 'zoe', ...(first.next !== null && { after: first.next }) })
    const names = [...namesOf(first), ...namesOf(second)]
    expect([names.length, new Set(names).size, second.next]).toEqual([NAMESAKES + 1, NAMESAKES + 1, null])
  })

  it('finds the group and the user whose whole name it is before others that may get a role', async () => {
    await call(addGroup, { name: 'zoe' })
    const { holders, isTruncated } = await call(listGrantHolders, { query: 'zoe' })
    expect(holders.slice(0, 3).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'group zoe',
      'user Zoe',
      'user an-zoe-000',
    ])
    expect(isTruncated).toBe(true)
  })

  it('leaves out the members of a group, however many these are', async () => {
    const { users } = await call(listUsers, { query: 'u0', notInGroup: GROUP })
    expect(users).toEqual([])
    expect((await call(listUsers, { query: 'zoe', notInGroup: GROUP })).users).toHaveLength(200)
  })
})
