import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { installTestProgram } from '@/testing/http/route-handler'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { issueToken } from '@/server/auth/tokens/tokens'
import { findUser } from '@/server/db/auth/users'
import { serveDirectly } from './serve-directly'
import { setForwardedFor } from './node-http'

const home = createTestHome()

let server: Server
let isBehindProxy: boolean

beforeAll(async () => {
  server = createServer((incoming, response) => {
    setForwardedFor(incoming, { isBehindProxy })
    const reply = serveDirectly(installTestProgram(home.services), incoming, response)
    // Next reads the address from the headers.
    if (reply === null) response.end(JSON.stringify(incoming.headers['x-forwarded-for']))
    reply?.catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

type Reply = { status: number; text: string }

/** Sends a request from an address of this machine. */
function sendRequest(path: string, headers: Record<string, string | string[]>, from = '127.0.0.1'): Promise<Reply> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, headers, localAddress: from, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
        response.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end()
  })
}

async function newToken() {
  const owner = await findUser(home.database, (await signInAs(home.services, 'viewer')).userId)
  if (!owner) throw new Error('no such user')
  const { text, token } = await issueToken(
    home.database,
    { owner, name: 'engine', role: 'viewer', days: 1 },
    { actor: owner, requestId: null },
  )
  const right = { authorization: `Bearer ${text}` }
  const wrong = { authorization: `Bearer lsh_${token.tokenId}_${'a'.repeat(40)}` }
  return { right, wrong }
}

const statusOf = async (...args: Parameters<typeof sendRequest>) => (await sendRequest(...args)).status
const CONFIG = '/iceberg/v1/config'

it('counts wrong tokens by the address of the connection, whatever the client’s headers say', async () => {
  isBehindProxy = false
  const { right, wrong } = await newToken()
  for (let i = 0; i < 20; i += 1) {
    expect(await statusOf(CONFIG, { ...wrong, 'x-forwarded-for': `10.0.0.${i}` })).toBe(401)
  }
  expect(await statusOf(CONFIG, { ...wrong, 'x-forwarded-for': '10.0.1.1' })).toBe(429)
  expect(await statusOf(CONFIG, { ...right, 'x-forwarded-for': '10.0.1.2' })).toBe(429)
})

it('accepts a valid token from an address that wrong tokens only claimed in a header', async () => {
  isBehindProxy = false
  const { right, wrong } = await newToken()
  for (let i = 0; i < 25; i += 1) await sendRequest(CONFIG, { ...wrong, 'x-forwarded-for': '127.0.0.3' }, '127.0.0.2')
  expect(await statusOf(CONFIG, right, '127.0.0.2')).toBe(429)
  expect(await statusOf(CONFIG, right, '127.0.0.3')).toBe(200)
})

it('counts by the last address of the header behind a proxy', async () => {
  isBehindProxy = true
  const { right, wrong } = await newToken()
  for (let i = 0; i < 25; i += 1) await sendRequest(CONFIG, { ...wrong, 'x-forwarded-for': `10.1.0.${i}, 10.2.0.1` })
  expect(await statusOf(CONFIG, { ...right, 'x-forwarded-for': '10.2.0.1' })).toBe(429)
  expect(await statusOf(CONFIG, { ...right, 'x-forwarded-for': '10.2.0.1, 10.2.0.2' })).toBe(200)
})

it.each([
  [false, { 'x-forwarded-for': '10.3.0.1' }, '127.0.0.1'],
  [false, { 'X-Forwarded-For': ['10.3.0.1', '10.3.0.2'] }, '127.0.0.1'],
  [false, {}, '127.0.0.1'],
  [true, {}, '127.0.0.1'],
  [true, { 'X-Forwarded-For': ['10.3.0.1', '10.3.0.2, 10.3.0.3'] }, '10.3.0.3'],
  [true, { 'x-forwarded-for': ', ' }, '127.0.0.1'],
] as [boolean, Record<string, string | string[]>, string][])(
  'gives Next one address, behind a proxy (%s) and with the header %j: %s',
  async (isBehind, headers, address) => {
    isBehindProxy = isBehind
    expect(JSON.parse((await sendRequest('/login', headers)).text)).toBe(address)
  },
)
