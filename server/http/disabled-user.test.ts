import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { readFileBytes } from '@/lib/contract/table/files-bytes'
import { watchRuns } from '@/lib/contract/jobs'
import { getSession } from '@/lib/contract/session'
import { createToken } from '@/lib/contract/tokens'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createRestClient } from '@/testing/catalogs/rest-client'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { createTableOfFiles } from '@/testing/catalogs/table-of-files'
import { runLakeshore } from '@/server/cli/lakeshore'
import { serveTokenRequest } from '@/server/iceberg-rest/oauth-token'

/** Every way to sign in: before a user is disabled, while they are, and after they are enabled again. */

const home = createTestHome()

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const tokenAnswer = z.object({ access_token: z.string() })

let person: SignedInUser
let personal: string
let access: string
let file: string
beforeAll(async () => {
  const folder = path.join(home.config.warehouse.slice('file://'.length), 'demo', 't', 'data')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'f.parquet'), 'PAR1')
  person = await signInAs(home.services, 'editor')
  const handler = await loadRouteHandler(home.services, createToken)
  const created = await handler(
    new Request('http://test/api/v1/tokens', {
      method: 'POST',
      headers: { cookie: person.cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'spark', role: 'editor', days: 7 }),
    }),
    { params: Promise.resolve({}) },
  )
  personal = createToken.output.parse(await created.json()).secret
  access = tokenAnswer.parse(await (await requestToken(clientCredentials())).json()).access_token
  const table = await createTableOfFiles(home.services, 't', [`${home.config.warehouse}/demo/t/data/f.parquet`])
  file = table.signToken(person.userId)
})

const clientCredentials = () => ({ grant_type: 'client_credentials', client_id: '', client_secret: personal })
const exchange = (subject: string) => ({
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token: subject,
  subject_token_type: ACCESS_TOKEN,
})

function requestToken(fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(fields)
  return serveTokenRequest(
    home.services,
    new Request('http://test/iceberg/v1/oauth/tokens', { method: 'POST', body }),
    'r1',
  )
}

async function callConsole(endpoint: Parameters<typeof loadRouteHandler>[1], params: Record<string, string> = {}) {
  const handler = await loadRouteHandler(home.services, endpoint)
  const request = new Request('http://test/x', { headers: { cookie: person.cookie } })
  const response = await handler(request, { params: Promise.resolve(params) })
  await response.body?.cancel()
  return response.status
}

const callRest = async (token: string) =>
  (await createRestClient(home.services, token)('GET', 'local/namespaces')).status

const DOORS = {
  session: () => callConsole(getSession),
  events: () => callConsole(watchRuns),
  file: () => callConsole(readFileBytes, { token: file, index: '0' }),
  'personal token': () => callRest(personal),
  'access token': () => callRest(access),
  'client credentials': async () => (await requestToken(clientCredentials())).status,
  'exchange of a personal token': async () => (await requestToken(exchange(personal))).status,
  'exchange of an access token': async () => (await requestToken(exchange(access))).status,
}

async function statuses(): Promise<Record<string, number>> {
  const entries: [string, number][] = []
  for (const [door, callDoor] of Object.entries(DOORS)) entries.push([door, await callDoor()])
  return Object.fromEntries(entries)
}

async function user(verb: string): Promise<void> {
  const terminal = {
    print: () => {},
    printMessage: () => {},
    prompt: async () => null,
    signal: new AbortController().signal,
  }
  expect(await runLakeshore(['user', verb, person.username], terminal, () => home.services)).toBe(0)
}

const TOKENS_REFUSED = {
  'personal token': 401,
  'access token': 401,
  'client credentials': 401,
  'exchange of a personal token': 400,
  'exchange of an access token': 400,
}
const TOKENS_ACCEPTED = Object.fromEntries(Object.keys(TOKENS_REFUSED).map((door) => [door, 200]))

describe('A disabled user', () => {
  it('cannot sign in at any door, and can use their tokens again after they are enabled', async () => {
    expect(await statuses()).toEqual({ session: 200, events: 200, file: 200, ...TOKENS_ACCEPTED })
    await user('disable')
    expect(await statuses()).toEqual({ session: 401, events: 401, file: 401, ...TOKENS_REFUSED })
    await user('enable')
    expect(await statuses()).toEqual({ session: 401, events: 401, file: 401, ...TOKENS_ACCEPTED })
  })

  it('cannot use their tokens after they are removed', async () => {
    await user('remove')
    expect(await statuses()).toEqual({ session: 401, events: 401, file: 401, ...TOKENS_REFUSED })
  })
})
