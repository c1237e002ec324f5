import { expect, it } from 'vitest'
import { createToken } from '@/lib/contract/tokens'
import { listConnections } from '@/lib/contract/connections'
import { getSession } from '@/lib/contract/session'
import { getTable } from '@/lib/contract/table/tables'
import { installTestProgram } from '@/testing/http/route-handler'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { setPageRequest } from '@/testing/next/page-request'
import { fetchForPage } from './fetch-for-page'

const home = createTestHome()

async function loadPageAs(role: 'viewer' | 'admin' | 'visitor', more: Record<string, string> = {}) {
  installTestProgram(home.services)
  const cookie = role === 'visitor' ? {} : { cookie: (await signInAs(home.services, role)).cookie }
  setPageRequest(new Headers({ ...cookie, ...more }))
}

it('answers for the user whose cookie the page was requested with', async () => {
  await loadPageAs('viewer')
  const response = await fetchForPage(getSession, getSession.path, {})
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ role: 'viewer' })
})

it('answers nothing to a visitor without a session', async () => {
  await loadPageAs('visitor')
  const response = await fetchForPage(getSession, getSession.path, {})
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code: 'unauthenticated' })
})

it('refuses what the role of the user does not permit', async () => {
  await loadPageAs('viewer')
  expect((await fetchForPage(listConnections, listConnections.path, {})).status).toBe(403)
  await loadPageAs('admin')
  expect((await fetchForPage(listConnections, listConnections.path, {})).status).toBe(200)
})

it('ignores a bearer token that a page request has', async () => {
  await loadPageAs('visitor', { authorization: 'Bearer lsh_x_y' })
  expect((await fetchForPage(getSession, getSession.path, {})).status).toBe(401)
})

it('decodes the names in a path once', async () => {
  await loadPageAs('viewer')
  const response = await fetchForPage(
    getTable,
    '/api/v1/catalogs/local/namespaces/a%1Fb/tables/no%20%2525%20such%2Ftable',
    {},
  )
  expect(response.status).toBe(404)
  expect(await response.text()).toContain('no %25 such/table')
})

it('calls nothing that changes something', async () => {
  await loadPageAs('admin')
  await expect(fetchForPage(createToken, createToken.path, { body: '{}' })).rejects.toThrow('does not call POST')
})
