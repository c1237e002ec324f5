import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SignInProblemCode } from '@/lib/sign-in-problems'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { type RealProvider, requestServiceToken, SERVICE_CLIENT, startRealProvider } from '@/testing/oidc/real-provider'
import { SigningInBrowser } from '@/testing/oidc/sign-in-at'
import { addLinkedUser, linkUser } from '@/server/auth/oidc/link-user'
import { findCookieSession } from '@/server/auth/sign-in/session'
import { authenticateBearer } from '@/server/auth/authenticate-bearer'
import { listAudit } from '@/server/db/audit-list'
import { commitGrant, putGrantChanges } from '@/server/db/auth/grants'
import { insertGroup, listGroups, memberChange, readGroupsOf } from '@/server/db/auth/groups'
import { findUserByIdentity } from '@/server/db/auth/identities'
import { disableUser, findUser, removeUser } from '@/server/db/auth/users'
import { endProviderSession, finishProviderSignIn, startProviderSignIn } from './serve-oidc'

/** Signing in with a certified provider that runs on this machine. */

const CONSOLE = 'http://lake.example:3000'
const ADMIN = { userId: 'admin-1', username: 'admin' }
const settings: Record<string, string> = { LAKESHORE_PUBLIC_URL: CONSOLE, LAKESHORE_OIDC_ROLE: 'viewer' }
let provider: RealProvider
beforeAll(async () => {
  provider = await startRealProvider(CONSOLE)
  Object.assign(settings, provider.settings)
})
afterAll(() => provider.stop())
const home = createTestHome(settings)
beforeEach(() => provider.accounts.clear())

const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .join('; ')
const locationOf = (response: Response) => response.headers.get('location') ?? ''
const problemOf = (response: Response) => new URL(locationOf(response), CONSOLE).searchParams.get('problem')
const sessionOf = (response: Response) => findCookieSession(home.services, cookiesOf(response))

function start(next = '/jobs', cookie = '') {
  const address = `${CONSOLE}/api/auth/oidc?${new URLSearchParams({ next })}`
  return startProviderSignIn(home.services, new Request(address, { headers: { cookie } }))
}

function finish(address: URL | string, cookie: string) {
  return finishProviderSignIn(home.services, new Request(address, { headers: { cookie } }))
}

const comeBack = async (started: Response, subject: string) =>
  new SigningInBrowser().signIn(locationOf(started), subject)

async function signIn(subject: string, next?: string) {
  const started = await start(next)
  return finish(await comeBack(started, subject), cookiesOf(started))
}

const identityOf = (subject: string) => ({ issuer: provider.issuer, subject })
const newestEntries = (count: number) => listAudit(home.database, { limit: count })

describe('A person whom the provider knows', () => {
  it('signs in, gets a user with the role of the settings, and goes to the page they wanted', async () => {
    provider.accounts.set('s-1', { name: 'Ada Lovelace', preferred_username: 'ada', groups: [] })
    const response = await signIn('s-1')
    expect([response.status, locationOf(response)]).toEqual([303, '/jobs'])
    expect(await sessionOf(response)).toMatchObject({ username: 'ada', role: 'viewer' })
    const [sessionCookie = ''] = response.headers.getSetCookie().filter((one) => one.startsWith('lakeshore-session='))
    expect(sessionCookie).toMatch(/Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  it('keeps their user when the provider gives them another name, and has a new session each time', async () => {
    provider.accounts.set('s-2', { preferred_username: 'grace' })
    const first = await sessionOf(await signIn('s-2'))
    provider.accounts.set('s-2', { preferred_username: 'admin' })
    const second = await sessionOf(await signIn('s-2'))
    expect(second).toMatchObject({ userId: first?.userId, username: 'grace' })
    expect(second?.sessionId).not.toBe(first?.sessionId)
  })

  it('never goes to another site afterwards', async () => {
    provider.accounts.set('s-3', { preferred_username: 'mary' })
    expect(locationOf(await signIn('s-3', 'https://elsewhere.example/steal'))).toBe('/')
    expect(locationOf(await signIn('s-3', '//elsewhere.example'))).toBe('/')
  })

  it('gets a username that a log can show', async () => {
    provider.accounts.set('s-4', { preferred_username: '  José+lake\n<b>@Example.com ' })
    expect(await sessionOf(await signIn('s-4'))).toMatchObject({ username: 'Jose-lake--b-@Example.com' })
  })

  it('may sign in from two tabs at once', async () => {
    provider.accounts.set('s-5', { preferred_username: 'twice' })
    const first = await start('/jobs')
    const second = await start('/query', cookiesOf(first))
    const [answerOfFirst, answerOfSecond] = [await comeBack(first, 's-5'), await comeBack(second, 's-5')]
    const finished = await finish(answerOfFirst, cookiesOf(second))
    expect(locationOf(finished)).toBe('/jobs')
    expect(locationOf(await finish(answerOfSecond, cookiesOf(finished)))).toBe('/query')
  })

  it('is sent to the page of the provider that ends its session, which comes back', async () => {
    const response = await endProviderSession(home.services, new Request(`${CONSOLE}/api/auth/oidc/sign-out`))
    const { origin, searchParams } = new URL(locationOf(response))
    expect([origin, searchParams.get('post_logout_redirect_uri')]).toEqual([provider.issuer, `${CONSOLE}/login`])
  })
})

describe('A sign-in is refused', () => {
  beforeEach(() => provider.accounts.set('s-9', { preferred_username: 'olga' }))

  const outcomeOf = (response: Response) => ({
    status: response.status,
    page: locationOf(response).split('?')[0],
    problem: problemOf(response),
    hasSession: /lakeshore-session=./.test(cookiesOf(response)),
  })
  const refusedFor = (problem: SignInProblemCode) => ({ status: 303, page: '/login', problem, hasSession: false })

  it('when the person refuses it, without repeating what the provider says', async () => {
    const response = await signIn('')
    expect(outcomeOf(response)).toEqual(refusedFor('provider-refused'))
    expect(locationOf(response)).not.toContain('way')
  })

  it('in another browser than the one that started it', async () => {
    const address = await comeBack(await start(), 's-9')
    expect(outcomeOf(await finish(address, ''))).toEqual(refusedFor('attempt-ended'))
    expect(outcomeOf(await finish(address, cookiesOf(await start())))).toEqual(refusedFor('attempt-ended'))
  })

  it('with a state that was changed, or none', async () => {
    const started = await start()
    const address = await comeBack(started, 's-9')
    address.searchParams.set('state', 'another')
    expect(outcomeOf(await finish(address, cookiesOf(started)))).toEqual(refusedFor('attempt-ended'))
    address.searchParams.delete('state')
    expect(outcomeOf(await finish(address, cookiesOf(started)))).toEqual(refusedFor('attempt-ended'))
  })

  it('a second time, also when the browser puts its cookie back, and after a failure', async () => {
    const started = await start()
    const address = await comeBack(started, 's-9')
    expect(problemOf(await finish(address, cookiesOf(started)))).toBeNull()
    expect(outcomeOf(await finish(address, cookiesOf(started)))).toEqual(refusedFor('attempt-ended'))
    const failed = await start()
    const wrong = await comeBack(failed, 's-9')
    wrong.searchParams.set('code', 'another')
    expect(outcomeOf(await finish(wrong, cookiesOf(failed)))).toEqual(refusedFor('response-invalid'))
    expect(outcomeOf(await finish(await comeBack(failed, 's-9'), cookiesOf(failed)))).toEqual(
      refusedFor('attempt-ended'),
    )
  })

  it('with the code of another sign-in, whose verifier is another', async () => {
    const [mine, theirs] = [await start(), await start()]
    const address = await comeBack(mine, 's-9')
    const stolen = await comeBack(theirs, 's-9')
    address.searchParams.set('code', stolen.searchParams.get('code') ?? '')
    expect(outcomeOf(await finish(address, cookiesOf(mine)))).toEqual(refusedFor('response-invalid'))
  })

  it('when the answer names another issuer', async () => {
    const started = await start()
    const address = await comeBack(started, 's-9')
    expect(address.searchParams.get('iss')).toBe(provider.issuer)
    address.searchParams.set('iss', 'https://elsewhere.example')
    expect(outcomeOf(await finish(address, cookiesOf(started)))).toEqual(refusedFor('response-invalid'))
  })

  it('for a person whose username belongs to a user here, until an admin links the two', async () => {
    const taken = await signInAs(home.services, 'editor')
    provider.accounts.set('s-10', { preferred_username: taken.username.toUpperCase() })
    expect(outcomeOf(await signIn('s-10'))).toEqual(refusedFor('name-taken'))
    const [entry] = await newestEntries(1)
    expect(entry).toMatchObject({
      action: 'refuse-sign-in',
      after: { identity: identityOf('s-10'), refusal: { code: 'name-taken' } },
    })
    const user = await findUser(home.database, taken.userId)
    if (!user) throw new Error('The user exists.')
    await linkUser(home.services, user, 's-10', ADMIN, null)
    expect(await findCookieSession(home.services, taken.cookie)).toBeNull()
    expect(await sessionOf(await signIn('s-10'))).toMatchObject({ userId: taken.userId, role: 'editor' })
  })

  it('for a person without a username', async () => {
    provider.accounts.set('s-11', { name: 'Nobody' })
    expect(outcomeOf(await signIn('s-11'))).toEqual(refusedFor('claims-missing'))
    expect(await findUserByIdentity(home.database, identityOf('s-11'))).toBeNull()
  })

  it('for a user who is disabled', async () => {
    const session = await sessionOf(await signIn('s-9'))
    await disableUser(home.database, session?.userId ?? '')
    expect(outcomeOf(await signIn('s-9'))).toEqual(refusedFor('user-disabled'))
    await removeUser(home.database, session?.userId ?? '')
  })
})

describe('The audit', () => {
  it('has the new user and the sign-in with the provider', async () => {
    provider.accounts.set('s-20', { preferred_username: 'hedy' })
    await signIn('s-20')
    const [signedIn, added] = await newestEntries(2)
    expect(added).toMatchObject({ action: 'add-user', after: { user: { username: 'hedy', role: 'viewer' } } })
    expect(signedIn).toMatchObject({ action: 'sign-in', after: { session: { provider: provider.issuer } } })
    expect(signedIn?.actor.username).toBe('hedy')
  })

  it('has the groups that the provider names, once for each change', async () => {
    provider.accounts.set('s-21', { preferred_username: 'rosalind', groups: ['divers', 'crew', 'divers'] })
    await signIn('s-21')
    await signIn('s-21')
    provider.accounts.set('s-21', { preferred_username: 'rosalind', groups: ['crew'] })
    await signIn('s-21')
    const changes = (await newestEntries(10)).filter(({ action }) => action === 'change-provider-groups')
    expect(changes.map(({ before, after }) => [before?.providerGroups, after?.providerGroups])).toEqual([
      [['crew', 'divers'], ['crew']],
      [[], ['crew', 'divers']],
    ])
  })
})

describe('Groups of the provider', () => {
  it('bring what is granted to them, until the provider no longer names them', async () => {
    provider.accounts.set('s-30', { preferred_username: 'jacques', name: 'Jacques', groups: ['ocean'] })
    const cookie = cookiesOf(await signIn('s-30'))
    const group = (await listGroups(home.database)).find(({ name }) => name === 'ocean')
    expect(group).toMatchObject({ source: 'provider', memberCount: 1, createdBy: 'Harbour ID' })
    const on = { catalog: 'local', namespace: ['sea'] }
    const grant = { grantId: 'grant-1', role: 'editor', resource: on, createdBy: 'admin' } as const
    const holder = { kind: 'group', id: group?.groupId ?? '' } as const
    await commitGrant(home.database, putGrantChanges({ ...grant, holder }))
    expect((await findCookieSession(home.services, cookie))?.grants).toEqual([{ role: 'editor', resource: on }])
    provider.accounts.set('s-30', { preferred_username: 'jacques', name: 'Jacques Cousteau' })
    const later = await sessionOf(await signIn('s-30'))
    expect(later?.grants).toEqual([])
    expect(await findUser(home.database, later?.userId ?? '')).toMatchObject({ displayName: 'Jacques Cousteau' })
  })

  it('never make anyone a member of a group that an admin keeps', async () => {
    const group = { groupId: 'kept-1', name: 'Harbour Masters', createdBy: 'admin' }
    await insertGroup(home.database, group, [])
    provider.accounts.set('s-31', { preferred_username: 'mallory', groups: ['harbour masters', 'HARBOUR MASTERS'] })
    const session = await sessionOf(await signIn('s-31'))
    const groups = await readGroupsOf(home.database, [session?.userId ?? ''])
    expect(groups.get(session?.userId ?? '') ?? []).toEqual([])
  })

  it('leave the memberships that an admin keeps as they are', async () => {
    provider.accounts.set('s-32', { preferred_username: 'sylvia', groups: ['ocean'] })
    const session = await sessionOf(await signIn('s-32'))
    const userId = session?.userId ?? ''
    await insertGroup(home.database, { groupId: 'kept-2', name: 'Staff', createdBy: 'admin' }, [
      memberChange('kept-2', userId, true),
    ])
    provider.accounts.set('s-32', { preferred_username: 'sylvia', groups: [] })
    await signIn('s-32')
    expect((await readGroupsOf(home.database, [userId])).get(userId)).toMatchObject([{ name: 'Staff' }])
  })
})

describe('A service account of the provider', () => {
  const authenticate = async () =>
    authenticateBearer(home.services, {
      headers: new Headers({ authorization: `Bearer ${await requestServiceToken(provider)}` }),
    })

  it('acts for the user whom an admin has added for its subject', async () => {
    await expect(authenticate()).rejects.toMatchObject({ code: 'unauthenticated' })
    const user = { username: 'etl', role: 'editor' } as const
    await addLinkedUser(home.services, user, SERVICE_CLIENT.id, ADMIN, null)
    expect(await authenticate()).toMatchObject({ username: 'etl', role: 'editor', via: { token: 'Harbour ID' } })
  })

  it('has one user', async () => {
    const user = { username: 'etl-again', role: 'editor' } as const
    await expect(addLinkedUser(home.services, user, SERVICE_CLIENT.id, ADMIN, null)).rejects.toMatchObject({
      code: 'already-exists',
    })
  })
})
