import { afterEach, expect, it, vi } from 'vitest'
import { signIn } from './sign-in'

const credentials = { username: 'ada', password: 'x' }
afterEach(() => vi.unstubAllGlobals())

/** A server that issues a CSRF token and then answers the form with this response. */
function stubAuthServer(form: () => Response | Promise<Response>) {
  const posted: URLSearchParams[] = []
  vi.stubGlobal('window', { location: { origin: 'http://lake' } })
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    if (address === '/api/auth/csrf') return Response.json({ csrfToken: 't1' })
    posted.push(init.body as URLSearchParams)
    return form()
  })
  return posted
}

const refusedResponse = (error: string) => () =>
  Response.json({ url: `http://elsewhere/api/auth/error?${new URLSearchParams({ error })}` }, { status: 401 })

it('sends name, password and the CSRF token', async () => {
  const posted = stubAuthServer(() => Response.json({ url: 'http://lake/' }))
  await signIn(credentials)
  expect(posted.map((fields) => Object.fromEntries(fields))).toEqual([
    { username: 'ada', password: 'x', csrfToken: 't1', json: 'true' },
  ])
})

it('reports a refusal with its code, message, facts and request id', async () => {
  const problem = { code: 'wrong-credentials', detail: '4 attempts left', facts: { attemptsLeft: 4 }, requestId: 'r1' }
  stubAuthServer(refusedResponse(JSON.stringify(problem)))
  await expect(signIn(credentials)).rejects.toMatchObject({
    name: 'AppError',
    code: 'wrong-credentials',
    message: '4 attempts left',
    facts: { attemptsLeft: 4 },
    requestId: 'r1',
  })
})

it('reports an outage of the database as such, and when to retry', async () => {
  const problem = {
    type: '/problems/database-unavailable',
    title: 'Lakeshore’s database cannot be used',
    status: 503,
    detail: 'The database did not answer within 10 seconds.',
    requestId: 'r1',
    code: 'database-unavailable',
    facts: { pauseSeconds: 2 },
  }
  stubAuthServer(() => Response.json(problem, { status: 503 }))
  await expect(signIn(credentials)).rejects.toMatchObject({
    code: 'database-unavailable',
    message: problem.detail,
    facts: { pauseSeconds: 2 },
    requestId: 'r1',
  })
})

it.each([
  ['has no reason', refusedResponse('CredentialsSignin'), 'internal'],
  ['is for an outdated form', () => Response.json({ url: 'http://lake/login?csrf=true' }), 'forbidden'],
  ['is not one of ours', () => new Response('<html>', { status: 502 }), 'internal'],
  ['is missing', () => Promise.reject(new TypeError('Failed to fetch')), 'server-unreachable'],
])('reports when the response %s', async (_what, form, code) => {
  stubAuthServer(form)
  await expect(signIn(credentials)).rejects.toMatchObject({ code })
})
