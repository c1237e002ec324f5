import { expect, it } from 'vitest'
import type { Endpoint } from '@/lib/contract/endpoint'
import * as contract from '@/lib/contract/tokens'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { authenticateBearer } from '@/server/auth/authenticate-bearer'
import { listAudit } from '@/server/db/audit-list'
import { serveTokenRequest } from '@/server/iceberg-rest/oauth-token'

/** Log entries before the logger redacts secrets: the product must not rely on that. */
const logged: string[] = []
const note = (...entry: unknown[]) => {
  const withStack = (value: unknown) => (value instanceof Error ? `${value.stack} ${String(value.cause)}` : value)
  logged.push(JSON.stringify(entry.map(withStack)))
}

const home = createTestHome({}, { log: { error: note, warning: note, info: note, debug: note } })

async function callEndpoint(endpoint: Endpoint, cookie: string, input: Record<string, string | number> = {}) {
  const handler = await loadRouteHandler(home.services, endpoint)
  const hasBody = endpoint.method === 'POST'
  const request = new Request('http://test/api/v1/tokens', {
    method: endpoint.method,
    headers: { cookie, 'content-type': 'application/json' },
    ...(hasBody && { body: JSON.stringify(input) }),
  })
  const params = { tokenId: String(input.tokenId) }
  const response = await handler(request, { params: Promise.resolve('tokenId' in input ? params : {}) })
  return { status: response.status, text: await response.text() }
}

const bearer = (text: string) => new Request('http://test/', { headers: { authorization: `Bearer ${text}` } })

it('returns a token’s secret only in the response that creates it', async () => {
  const { cookie } = await signInAs(home.services, 'editor')
  const created = await callEndpoint(contract.createToken, cookie, { name: 'spark', role: 'editor', days: 7 })
  const { secret: text, token } = contract.createToken.output.parse(JSON.parse(created.text))
  const secret = text.split('_')[2] ?? 'none'
  const responses = [
    await callEndpoint(contract.listTokens, cookie),
    await callEndpoint(contract.createToken, cookie, { name: 'more', role: 'admin', days: 7 }),
    await callEndpoint(contract.createToken, cookie, { name: text, role: 'editor', days: 0 }),
    await callEndpoint(contract.revokeToken, cookie, { tokenId: text.slice(0, 60) }),
    await callEndpoint(contract.revokeToken, cookie, { tokenId: 'a'.repeat(16) }),
  ]
  expect(responses.map(({ status }) => status)).toEqual([200, 403, 400, 404, 404])

  await authenticateBearer(home.services, bearer(text))
  await authenticateBearer(home.services, bearer(`${text}x`)).catch(() => null)
  await authenticateBearer(home.services, bearer(text.replace(token.tokenId, 'a'.repeat(16)))).catch(() => null)
  const form = (fields: Record<string, string>) =>
    serveTokenRequest(
      home.services,
      new Request('http://test/', { method: 'POST', body: new URLSearchParams(fields) }),
      'r1',
    )
  const credentials = { grant_type: 'client_credentials', client_id: 'nobody', client_secret: text }
  const refused = await (await form(credentials)).text()
  const issued: unknown = await (await form({ ...credentials, client_id: token.tokenId })).json()
  expect(issued).toMatchObject({ token_type: 'bearer' })
  const revoked = await callEndpoint(contract.revokeToken, cookie, { tokenId: token.tokenId })
  expect(revoked.status).toBe(200)
  await expect(authenticateBearer(home.services, bearer(text))).rejects.toMatchObject({ code: 'unauthenticated' })

  expect(logged.length).toBeGreaterThan(5)
  const everything = [
    ...responses.map((answer) => answer.text),
    refused,
    revoked.text,
    ...logged,
    JSON.stringify(await listAudit(home.database, { limit: 500 })),
  ]
  expect(everything.filter((one) => one.includes(secret))).toEqual([])
  const { access_token: accessToken } = issued as { access_token: string }
  expect(everything.filter((one) => one.includes(accessToken))).toEqual([])
})

it('hides a user’s tokens from other users', async () => {
  const [owner, other] = [await signInAs(home.services, 'editor'), await signInAs(home.services, 'editor')]
  const { text } = await callEndpoint(contract.createToken, owner.cookie, { name: 'spark', role: 'viewer', days: 7 })
  const { token } = contract.createToken.output.parse(JSON.parse(text))
  expect((await callEndpoint(contract.listTokens, other.cookie)).text).not.toContain(token.tokenId)
  expect((await callEndpoint(contract.revokeToken, other.cookie, { tokenId: token.tokenId })).status).toBe(404)
  expect((await callEndpoint(contract.listTokens, owner.cookie)).text).toContain('"state":"live"')
})
