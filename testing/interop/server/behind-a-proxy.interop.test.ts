import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fillIn, readRecipe } from '@/testing/project/read-recipe'
import { writeSelfSignedCertificate } from '@/testing/processes/self-signed-certificate'
import { CATALOG } from '@/testing/product/console-client'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { installNginx, startNginx } from '@/testing/peers/nginx'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { freePort } from '@/testing/processes/free-port'
import { type ServerProcess } from '@/testing/processes/server-process'

/** The recipe of docs/operations.md, *Behind a proxy*: nginx and the built product, on one machine. */

const nginx = await installOrSkip('nginx', installNginx)
const MIB = 1024 * 1024
/** Wrong tokens from one address, after which the server refuses that token from there for a while. */
const MAX_FAILED_ATTEMPTS = 20

type RequestOptions = { headers?: Record<string, string>; body?: string; from?: string }
type ReceivedResponse = { status: number; headers: IncomingHttpHeaders; text: string }

describe.skipIf(nginx === null)('Behind nginx (skipped when it is unavailable) Lakeshore', () => {
  let folder: string
  let certificate: Buffer
  let proxy: ServerProcess
  let lakeshore: Lakeshore
  let [httpPort, httpsPort] = [0, 0]
  const cookies = new Map<string, string>()

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-proxy-'))
    const files = await writeSelfSignedCertificate(folder)
    certificate = readFileSync(files.cert)
    httpPort = await freePort()
    httpsPort = await freePort()
    const publicUrl = { 'https://lakeshore.example.com': `https://localhost:${httpsPort}` }
    const settings = parseEnv(fillIn(readRecipe('Behind a proxy', 'LAKESHORE_HOST'), publicUrl))
    lakeshore = await startLakeshore(folder, settings as Record<string, string>)
    const site = fillIn(readRecipe('Behind a proxy', 'server {'), {
      'listen 80': `listen 127.0.0.1:${httpPort}`,
      'listen 443': `listen 127.0.0.1:${httpsPort}`,
      'lakeshore.example.com': 'localhost',
      '/etc/ssl/lakeshore.crt': files.cert,
      '/etc/ssl/lakeshore.key': files.key,
      'http://127.0.0.1:3000': lakeshore.url,
    })
    proxy = await startNginx(folder, site)
  })
  afterAll(async () => {
    await proxy?.stop()
    await lakeshore?.stop()
    rmSync(folder, { recursive: true })
  })

  /** @param from the client's own address, on the loopback */
  function send(method: string, address: string, { headers = {}, body, from = '127.0.0.1' }: RequestOptions = {}) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
      const clientRequest = request(
        `https://localhost:${httpsPort}${address}`,
        {
          method,
          ca: certificate,
          host: '127.0.0.1',
          servername: 'localhost',
          localAddress: from,
          agent: false,
          headers: {
            cookie,
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
            host: `localhost:${httpsPort}`,
            ...headers,
          },
        },
        resolve,
      )
      clientRequest.on('error', reject)
      clientRequest.end(body)
    })
  }

  async function sendRequest(method: string, address: string, options: RequestOptions = {}): Promise<ReceivedResponse> {
    const answer = await send(method, address, options)
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    for (const set of answer.headers['set-cookie'] ?? []) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split(/=(.*)/s)
      cookies.set(name, value)
    }
    return { status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }
  }

  const json = { 'content-type': 'application/json' }
  const engineHeaders = (token = lakeshore.token) => ({ ...json, authorization: `Bearer ${token}` })

  test('is reached over https only, and its session cookie is sent over https only', async () => {
    const plain = await fetch(`http://127.0.0.1:${httpPort}/tables?at=1`, { redirect: 'manual' })
    expect([plain.status, plain.headers.get('location')]).toEqual([301, 'https://127.0.0.1/tables?at=1'])

    const { csrfToken } = JSON.parse((await sendRequest('GET', '/api/auth/csrf')).text) as { csrfToken: string }
    const form = { username: 'admin', password: lakeshore.password, csrfToken, json: 'true' }
    const signedIn = await sendRequest('POST', '/api/auth/callback/credentials', {
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: `https://localhost:${httpsPort}` },
      body: new URLSearchParams(form).toString(),
    })
    expect(signedIn.status).toBe(200)
    const session = signedIn.headers['set-cookie']?.find((cookie) => cookie.startsWith('__Host-lakeshore-session='))
    expect(session).toMatch(/; Secure/i)
    expect(JSON.parse((await sendRequest('GET', '/api/v1/session')).text)).toMatchObject({ username: 'admin' })
    const page = await sendRequest('GET', '/')
    expect([page.status, page.headers['strict-transport-security']]).toEqual([200, expect.stringContaining('max-age')])
  })

  test('identifies clients by the address that the proxy saw, whatever they write into X-Forwarded-For', async () => {
    const wrongToken = `${lakeshore.token.slice(0, -1)}${lakeshore.token.endsWith('a') ? 'b' : 'a'}`
    const from = '127.0.0.2'
    const forgedHeaders = { 'x-forwarded-for': '127.0.0.1' }
    const config = '/iceberg/v1/config'
    for (let attempt = 0; attempt < MAX_FAILED_ATTEMPTS; attempt += 1) {
      const answer = await sendRequest('GET', config, {
        from,
        headers: { ...engineHeaders(wrongToken), ...forgedHeaders },
      })
      expect(answer.status).toBe(401)
    }
    expect((await sendRequest('GET', config, { from, headers: { ...engineHeaders(), ...forgedHeaders } })).status).toBe(
      429,
    )
    expect((await sendRequest('GET', config, { headers: engineHeaders() })).status).toBe(200)
  })

  test('accepts commits of 30 MiB, and refuses larger ones itself with an error that engines understand', async () => {
    const below = `/iceberg/v1/${CATALOG}/namespaces`
    const schema = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
    expect(
      (await sendRequest('POST', below, { headers: engineHeaders(), body: '{"namespace":["demo"]}' })).status,
    ).toBe(200)
    const table = JSON.stringify({ name: 't', schema })
    expect((await sendRequest('POST', `${below}/demo/tables`, { headers: engineHeaders(), body: table })).status).toBe(
      200,
    )
    const sendCommit = (sizeBytes: number) =>
      sendRequest('POST', `${below}/demo/tables/t`, {
        headers: engineHeaders(),
        body: `{"requirements":[],${' '.repeat(sizeBytes)}"updates":[{"action":"set-properties","updates":{"k":"v"}}]}`,
      })
    const accepted = await sendCommit(30 * MIB)
    expect(accepted.status).toBe(200)
    expect(JSON.parse(accepted.text)).toMatchObject({ metadata: { properties: { k: 'v' } } })
    const refused = await sendCommit(32 * MIB)
    expect(refused.status).toBe(413)
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 413, type: 'BadRequestException' } })
  })

  test('streams the events of runs as they happen', async () => {
    const events = await send('GET', '/api/v1/jobs/events')
    expect(events.statusCode).toBe(200)
    const input = path.join(folder, 'rows.csv')
    writeFileSync(input, 'id\n1\n')
    const loaded = lakeshore.run('ingest', '--table', 'demo.t', '--file', input)
    let output = ''
    // The response lasts a quarter of an hour: if the proxy buffered it, it would arrive too late for this test.
    for await (const chunk of events) {
      output += String(chunk)
      if (/"state":"succeeded"/.test(output)) break
    }
    expect(output).toMatch(/^event: runs$/m)
    await loaded
  })
})
