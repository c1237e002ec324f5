import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import net, { type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { parseConfig } from '@/server/config/config'
import { auditChange } from '@/server/db/audit'
import { addReceiverChange, readEntriesAfter, readReceivers } from '@/server/db/audit-receivers'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { type CertificateFiles, writeSelfSignedCertificate } from '@/testing/processes/self-signed-certificate'
import { SILENT_LOG } from '@/testing/silent-log'
import { configuredReceivers, forwardTo, type ForwardTimes } from './forward-audit'

/** Spec: RFC 5425. The settings are those of an operator, the certificate is self-signed. */

const home = createTestHome()
/** A delivery that takes too long is repeated, so it has a lot of time: the machine may be busy. */
const TIMES: ForwardTimes = { pollMs: 5, deliveryMs: 60_000, leaseMs: 120_000, backoff: { firstMs: 5, maxMs: 20 } }
const WAIT = { timeout: 50_000, interval: 5 }
const stops: (() => Promise<void>)[] = []
let folder: string
let own: CertificateFiles
let other: CertificateFiles
let written = 0

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-syslog-'))
  const folders = [path.join(folder, 'own'), path.join(folder, 'other')] as const
  await Promise.all(folders.map((one) => mkdir(one)))
  own = await writeSelfSignedCertificate(folders[0])
  other = await writeSelfSignedCertificate(folders[1])
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(() => home.database.commit([rawChange('DELETE FROM audit_receivers'), addReceiverChange('syslog')]))
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** Writes entries, and returns their names in order. */
async function write(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => `entry-${(written += 1)}`)
  for (const action of names)
    await home.database.commit([auditChange({ actor: { userId: 'u', username: 'ada' }, action, requestId: null })])
  return names
}

/** The names of the entries in the frames of a connection, by RFC 5425, section 4.3: `MSG-LEN SP SYSLOG-MSG`. */
function readFrames(bytes: Buffer): string[] {
  const names: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at)
    const length = bytes.toString('latin1', at, space)
    expect(length).toMatch(/^[1-9]\d*$/)
    at = space + 1 + Number(length)
    expect(at).toBeLessThanOrEqual(bytes.length)
    const message = bytes.toString('utf8', space + 1, at)
    expect(message).toMatch(/^<110>1 \S+ \S+ lakeshore \d+ \S+ - \{.*\}$/)
    names.push((JSON.parse(message.slice(message.indexOf('{'))) as { action: string }).action)
  }
  return names
}

/** A server of syslog over TLS. `got` are the entries of each connection that was closed in full. */
async function listen({ cert, key }: CertificateFiles, { port = 0 } = {}) {
  const got: string[][] = []
  let receivedBytes = 0
  const sockets = new Set<Socket>()
  const server = tls.createServer({ cert: await readFile(cert), key: await readFile(key) }, (socket) => {
    const chunks: Buffer[] = []
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length
      chunks.push(chunk)
    })
    socket.on('end', () => {
      got.push(readFrames(Buffer.concat(chunks)))
      socket.end()
    })
  })
  server.on('tlsClientError', () => {})
  // A client that refuses the certificate leaves a socket that never gets to TLS.
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
  stops.push(stop)
  return { got, countBytes: () => receivedBytes, stop, port: (server.address() as AddressInfo).port }
}

/** Resets each connection in its handshake. */
async function listenAndReset(port: number) {
  let resetCount = 0
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      resetCount += 1
      socket.resetAndDestroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = () => new Promise<void>((resolve) => void server.close(() => resolve()))
  stops.push(stop)
  return { resetCount: () => resetCount, stop }
}

/** Forwards with the settings of an operator until it is stopped. */
function forward(port: number, trusted: CertificateFiles | null) {
  const config = parseConfig({
    LAKESHORE_HOME: path.join(folder, 'home'),
    LAKESHORE_AUDIT_SYSLOG_URL: `tls://127.0.0.1:${port}`,
    ...(trusted && { LAKESHORE_AUDIT_SYSLOG_CA_FILE: trusted.cert }),
  })
  const [receiver] = configuredReceivers(config)
  if (!receiver) throw new Error('no receiver is configured')
  const stop = new AbortController()
  const services = { database: home.database, keys: home.services.keys, log: SILENT_LOG }
  const done = forwardTo(services, receiver, { signal: stop.signal, times: TIMES })
  const end = async () => {
    stop.abort()
    await done
  }
  stops.unshift(end)
  return end
}

const state = async () => (await readReceivers(home.database)).find(({ name }) => name === 'syslog')
const isAllDelivered = async () =>
  (await readEntriesAfter(home.database, (await state())?.position ?? 0, 1)).length === 0

test('Entries arrive in frames over TLS at a receiver whose certificate is configured', async () => {
  const { got, port } = await listen(own)
  forward(port, own)
  const names = await write(5)
  await vi.waitUntil(() => got.flat().length >= names.length, WAIT)
  names.push(...(await write(3)))
  await vi.waitUntil(() => got.flat().length >= names.length, WAIT)
  expect(got.flat()).toEqual(names)
})

test.each([
  ['of another server', () => other],
  ['that no authority of the system signed', () => null],
])('A certificate %s is refused: nothing is sent, and entries wait', async (_, trusted) => {
  const { got, countBytes, port } = await listen(own)
  const end = forward(port, trusted())
  const names = await write(3)
  await vi.waitFor(async () => expect((await state())?.failure?.count).toBeGreaterThan(1), WAIT)
  expect((await state())?.failure?.error).toMatch(/self.signed|certificate|verify/i)
  expect(countBytes()).toBe(0)
  await end()
  forward(port, own)
  await vi.waitUntil(() => got.flat().length >= names.length, WAIT)
  expect(got.flat()).toEqual(names)
})

test('A receiver that goes away and comes back loses nothing, and has everything in its order', async () => {
  const first = await listen(own)
  forward(first.port, own)
  const names = await write(4)
  await vi.waitUntil(() => first.got.flat().length >= names.length, WAIT)
  await vi.waitUntil(isAllDelivered, WAIT)
  await first.stop()
  const later = await write(4)
  await vi.waitFor(async () => expect((await state())?.failure?.count).toBeGreaterThan(1), WAIT)
  later.push(...(await write(2)))
  const broken = await listenAndReset(first.port)
  await vi.waitUntil(() => broken.resetCount() >= 2, WAIT)
  await broken.stop()
  const second = await listen(own, { port: first.port })
  await vi.waitUntil(() => second.got.flat().length >= later.length, WAIT)
  expect([first.got.flat(), second.got.flat()]).toEqual([names, later])
  await vi.waitFor(async () => expect(await state()).toMatchObject({ failure: null }), WAIT)
})
