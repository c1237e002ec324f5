import { createResponsePool } from '@/server/http-out/memory-pool'
import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PythonSession, startPython } from '@/testing/peers/python-session'
import { installPyicebergForS3AndAzure } from '@/testing/peers/install-pyiceberg'
import { SILENT_LOG } from '@/testing/silent-log'
import { restSettings } from '@/testing/catalogs/rest-catalog-stand-in'
import { ENDPOINTS } from '../endpoints'
import { restHttpClient } from '../client'
import { namespaceInQuery } from '../paths'
import { callEndpoint, type RestSession, restSession } from '../session'

/**
 * Requests as they reach a catalog of AWS. Botocore signs them again from what arrived: path and query byte by byte,
 * the signed headers, and the body.
 */

const python = installPyicebergForS3AndAzure()

type ReceivedRequest = { method: string; url: string; headers: Record<string, string>; body: string; signed: string[] }

const KEYS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjE+/=tok',
}
const REGION = 'eu-central-1'
/** Contains characters that URLs, forms and signatures treat differently. */
const name = fc
  .string({
    unit: fc.constantFrom(...Array.from('aZ09-._~ !\'()*+,;:@&=$/?#[]%"<>\\^`{|}äß漢😀\u0001\u007f'), '%2F', '%1F'),
    minLength: 1,
    maxLength: 12,
  })
  .filter((level) => level !== '.' && level !== '..')

describe.skipIf(python === null)('Botocore (skipped if it is not available)', () => {
  let server: Server
  let uri: string
  const received: ReceivedRequest[] = []
  const signers = new Map<boolean, PythonSession>()

  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]))
        const signed = /SignedHeaders=([^,]*)/.exec(headers['authorization'] ?? '')?.[1]?.split(';') ?? []
        const { method = '', url = '' } = request
        received.push({ method, url: `http://${headers['host']}${url}`, headers, body, signed })
        const config = {
          defaults: {},
          overrides: { prefix: 'arn%3Aaws%3As3tables%3Aeu-central-1%3A1%3Abucket%2Flake' },
        }
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(config))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/iceberg`
    for (const hasToken of [true, false]) {
      const program = { name: 'botocore', python: String(python), program: 'sigv4_session.py' }
      const { sessionToken, ...lasting } = KEYS
      signers.set(hasToken, startPython({ ...program, settings: hasToken ? { ...lasting, sessionToken } : lasting }))
    }
  })
  afterAll(async () => {
    for (const signer of signers.values()) await signer.stop()
    server.close()
  })

  const openSession = (service: string, hasToken: boolean, headers: Record<string, string> = {}): RestSession => {
    const { sessionToken, ...lasting } = KEYS
    const credentials = { kind: 'keys' as const, ...lasting, ...(hasToken && { sessionToken }) }
    const settings = restSettings(uri, { auth: { kind: 'sigv4', region: REGION, service, credentials }, headers })
    const http = restHttpClient({ responsePool: createResponsePool(), settings, nowMs: Date.now })
    const deps = {
      name: 'aws',
      settings,
      http,
      pageSize: null,
      nowMs: Date.now,
      firstByteTimeoutMs: 15_000,
      pause: async () => {},
    }
    return restSession({ ...deps, log: SILENT_LOG, outbox: createTestOutbox() })
  }

  /**
   * Checks that Botocore gives every request since the last call the same signature. @returns the number of requests
   */
  const expectSigned = async (service: string, hasToken: boolean): Promise<number> => {
    const requests = received.splice(0)
    for (const request of requests) {
      expect(request.signed).toEqual(expect.arrayContaining(['host', 'x-amz-date']))
      expect(request.signed.includes('x-amz-security-token')).toBe(hasToken)
      const expected = await signers.get(hasToken)!.request<string>({ ...request, service, region: REGION })
      expect([request.url, request.headers['authorization']]).toEqual([request.url, expected])
    }
    return requests.length
  }

  test.each([
    ['glue', true],
    ['s3tables', false],
    ['execute-api', true],
  ])('signs reads and writes with any names for %s in the same way', async (service, hasToken) => {
    const session = openSession(service, hasToken, { 'x-catalog-id': '  several   words ' })
    const wellFormed = fc.array(name, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(wellFormed, name, name, async (namespace, table, words) => {
        const names = { namespace, table }
        const query = { parent: namespaceInQuery(namespace, await session.config()), pageToken: words, pageSize: '' }
        await callEndpoint(session, ENDPOINTS.loadTable, { names, query, purpose: 'read' })
        await callEndpoint(session, ENDPOINTS.updateTable, {
          names,
          body: { namespace, words, 'snapshot-id': 9223372036854775807n },
          headers: { 'x-iceberg-access-delegation': 'vended-credentials', 'idempotency-key': '0192' },
          purpose: 'commit',
        })
        await callEndpoint(session, ENDPOINTS.dropTable, { names, query: { purgeRequested: 'true' }, purpose: 'drop' })
      }),
      { numRuns: 40 },
    )
    expect(await expectSigned(service, hasToken)).toBeGreaterThan(100)
  })

  test('signs the warehouse in the configuration request in the same way', async () => {
    for (const warehouse of ['123456789012', 'arn:aws:s3tables:eu-central-1:123456789012:bucket/lake', 'a b+c%~*']) {
      const settings = { ...openSession('s3tables', true).settings, warehouse }
      const http = restHttpClient({ responsePool: createResponsePool(), settings, nowMs: Date.now })
      const deps = {
        name: 'aws',
        settings,
        http,
        pageSize: null,
        nowMs: Date.now,
        firstByteTimeoutMs: 15_000,
        pause: async () => {},
      }
      await restSession({ ...deps, log: SILENT_LOG, outbox: createTestOutbox() }).config()
    }
    expect(await expectSigned('s3tables', true)).toBe(3)
  })
})
