import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { AppError, type ErrorCode } from '@/lib/errors'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { createWebServer } from '@/server/web/web-server'
import { buildProgram } from './create-program'

/** Reads of the console's layout while Next writes a page, and their effect on the response. */

const home = createTestHome()
let person: SignedInUser
beforeAll(async () => void (person = await signInAs(home.services, 'viewer')))

const opened: Server[] = []
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Loads a page from a web server with a failing or a working database; a layout replaces Next. */
async function loadPage(failure: Error | null, cookie: string) {
  const logged: string[] = []
  const fail = () => Promise.reject(failure ?? new Error('nothing fails'))
  const database = failure ? { ...home.database, read: fail, commit: fail } : home.database
  const log = {
    ...SILENT_LOG,
    error: (error: unknown) => void logged.push(`error: ${String(error)}`),
    warning: (message: string) => void logged.push(`warning: ${message}`),
  }
  const program = buildProgram({ ...home.services, database, log })
  const server = createWebServer({
    program,
    isBehindProxy: false,
    async servePages(request, response) {
      const found = await program.readPageSession(new Headers({ cookie: request.headers.cookie ?? '' }))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(found))
    },
  })
  opened.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/jobs`, { headers: { cookie }, redirect: 'manual' })
  return { response, text: await response.text(), logged }
}

const away = (code: ErrorCode) => new AppError(code, 'The database is away.')

it.each([
  ['database-unavailable', 503, '2'],
  ['database-busy', 429, '2'],
  ['database-damaged', 503, null],
  ['database-replaced', 503, null],
] as const)('A page has the status of the failure %s, keeps the cookie, and is logged in one line', async (...args) => {
  const [code, status, retryAfter] = args
  const { response, text, logged } = await loadPage(away(code), person.cookie)
  expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
  expect(response.headers.getSetCookie()).toEqual([])
  const { problem } = JSON.parse(text) as { problem: unknown }
  expect(problem).toMatchObject({ code, status, detail: 'The database is away.', requestId: expect.any(String) })
  expect(logged).toEqual(['warning: A page was not rendered because the database failed.'])
})

it('A page with a working database logs no failure', async () => {
  const { response, text, logged } = await loadPage(null, person.cookie)
  expect([response.status, response.headers.get('retry-after')]).toEqual([200, null])
  expect(JSON.parse(text)).toMatchObject({ session: { userId: person.userId } })
  expect(logged).toEqual([])
})

it('A visitor without a cookie is sent to sign in without a database query', async () => {
  const { response, text } = await loadPage(away('database-unavailable'), '')
  expect([response.status, text]).toEqual([200, 'null'])
})

it('A bug is not reported as an outage', async () => {
  const { response, logged } = await loadPage(new TypeError('a bug'), person.cookie)
  expect(response.status).toBe(500)
  expect(logged).toEqual(['error: TypeError: a bug'])
})
