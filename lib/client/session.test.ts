import { afterEach, expect, it, vi } from 'vitest'
import { signIn } from './session'

const credentials = { username: 'ada', password: 'x' }
afterEach(() => vi.unstubAllGlobals())

/** A server that hands out a form token and then gives this answer to the form. */
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

it('sends name, password and the token of the form', async () => {
  const posted = stubAuthServer(() => Response.json({ url: 'http://lake/' }))
  await signIn(credentials)
  expect(posted.map((fields) => Object.fromEntries(fields))).toEqual([
    { username: 'ada', password: 'x', csrfToken: 't1', json: 'true' },
  ])
})

it('tells a refusal with its code, words, facts and request id', async () => {
  const problem = { code: 'wrong-credentials', detail: '4 attempts left', facts: { triesLeft: 4 }, requestId: 'r1' }
  stubAuthServer(refusedResponse(JSON.stringify(problem)))
  await expect(signIn(credentials)).rejects.toMatchObject({
    name: 'AppError',
    code: 'wrong-credentials',
    message: '4 attempts left',
    facts: { triesLeft: 4 },
    requestId: 'r1',
  })
})

it('tells an outage of the database as what it is, and when to try again', async () => {
  const problem = {
    type: '/problems/database-unavailable',
    title: 'Lakeshore’s database did not answer',
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
  ['gives no reason', refusedResponse('CredentialsSignin'), 'internal'],
  ['is of an old form', () => Response.json({ url: 'http://lake/login?csrf=true' }), 'forbidden'],
  ['is no answer of ours', () => new Response('<html>', { status: 502 }), 'internal'],
  ['does not come', () => Promise.reject(new TypeError('Failed to fetch')), 'server-unreachable'],
])('says so when the answer %s', async (_what, form, code) => {
  stubAuthServer(form)
  await expect(signIn(credentials)).rejects.toMatchObject({ code })
})
