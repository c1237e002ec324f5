import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { SILENT_LOG } from '@/testing/silent-log'
import { auditChange } from '@/server/db/audit'
import { addReceiverChange, readEntriesAfter, readReceivers } from '@/server/db/audit-receivers'
import { rawChange } from '@/testing/databases/test-sql'
import { forwardTo, type ForwardTimes } from './forward-audit'
import { readAuditReceivers } from './read-receivers'
import type { Receiver } from './receiver'
import { signature, webhookReceiver } from './webhook'

const home = createTestHome()
const TOKEN = 'a-token-of-the-receiver'
const SECRET = 'a secret of the receiver, which signs'
/** A delivery that takes too long is repeated, so it has a lot of time: the machine may be busy. */
const TIMES: ForwardTimes = { pollMs: 5, deliveryMs: 60_000, leaseMs: 120_000, backoff: { firstMs: 5, maxMs: 20 } }
const WAIT = { timeout: 50_000, interval: 5 }
const stops: (() => Promise<void>)[] = []
let written = 0

beforeEach(() => home.database.commit([rawChange('DELETE FROM audit_receivers'), addReceiverChange('webhook')]))
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

type Answer = (request: { names: string[]; message: IncomingMessage; response: ServerResponse }) => void
const accept: Answer = ({ response }) => response.writeHead(204).end()
const status =
  (code: number, headers = {}): Answer =>
  ({ response }) =>
    response.writeHead(code, headers).end('no')

/** A receiver on this machine. `got` are the names of entries that it answered for, request by request. */
async function listen(answers: Answer[] = [], port = 0) {
  const got: string[][] = []
  const bodies: { text: string; headers: IncomingMessage['headers'] }[] = []
  const server = createServer((message, response) => {
    const chunks: Buffer[] = []
    message.on('error', () => {})
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      bodies.push({ text, headers: message.headers })
      const names = text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { action: string }).action)
      got.push(names)
      const answer = answers.shift() ?? accept
      answer({ names, message, response })
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  stops.push(stop)
  return { got, bodies, stop, port: (server.address() as AddressInfo).port }
}

const webhook = (port: number) =>
  webhookReceiver({ url: new URL(`http://127.0.0.1:${port}/in?k=hidden`), token: TOKEN, secret: SECRET })

/** Forwards in this process until it is stopped, as a worker does. */
function forward(receiver: Receiver, times: Partial<ForwardTimes> = {}, log = SILENT_LOG) {
  const stop = new AbortController()
  const services = { database: home.database, keys: home.services.keys, log }
  const done = forwardTo(services, receiver, { signal: stop.signal, times: { ...TIMES, ...times } })
  const end = async () => {
    stop.abort()
    await done
  }
  stops.unshift(end)
  return end
}
const state = async () => (await readReceivers(home.database)).find(({ name }) => name === 'webhook')
/** The entry that the receiver gets next, if any. */
const waiting = async () => readEntriesAfter(home.database, (await state())?.position ?? 0, 1)

test('A webhook gets every entry once in its order, signed, and nothing from before it was added', async () => {
  const { got, bodies, port } = await listen()
  forward(webhook(port))
  const names = await write(5)
  await vi.waitUntil(() => got.flat().length >= names.length, WAIT)
  names.push(...(await write(3)))
  await vi.waitUntil(() => got.flat().length >= names.length, WAIT)
  expect(got.flat()).toEqual(names)
  const { text = '', headers = {} } = bodies[0] ?? {}
  expect(headers).toMatchObject({
    'content-type': 'application/x-ndjson',
    authorization: `Bearer ${TOKEN}`,
  })
  const signed = String(headers['x-lakeshore-signature'])
  expect(signed).toBe(signature(text, SECRET, Number(/^t=(\d+),/.exec(signed)?.[1])))
  await vi.waitFor(async () => expect((await state())?.deliveredAtMs).not.toBeNull(), WAIT)
})

test('Entries wait while the receiver is down, writers do not, and a restarted process goes on', async () => {
  const first = await listen()
  await first.stop()
  const logged: unknown[] = []
  const log = { ...SILENT_LOG, warning: (...line: unknown[]) => void logged.push(line) }
  const end = forward(webhook(first.port), {}, log)
  const names = await write(3)
  await vi.waitFor(async () => expect((await state())?.failure?.count).toBeGreaterThan(1), WAIT)
  expect((await state())?.failure?.error).toContain('ECONNREFUSED')
  const config = {
    ...home.config,
    auditReceivers: {
      webhook: { url: new URL('https://siem.test/x?k=hidden'), token: TOKEN, secret: null },
      syslog: null,
    },
  }
  const [shown] = await readAuditReceivers({ ...home.services, config })
  expect(shown).toMatchObject({
    target: 'siem.test',
    waitingCount: 3,
    hasMore: false,
    failure: { error: expect.stringContaining('ECONNREFUSED') },
  })
  expect(JSON.stringify([shown, logged])).not.toMatch(/hidden|a-token|a secret/)
  expect(logged).toHaveLength(1)
  await end()
  const second = await listen([], first.port)
  forward(webhook(second.port))
  await vi.waitUntil(() => second.got.flat().length >= names.length, WAIT)
  expect(second.got.flat()).toEqual(names)
  await vi.waitFor(async () => expect(await state()).toMatchObject({ failure: null }), WAIT)
})

test.each<[string, Answer]>([
  ['answers 500', status(500)],
  ['redirects', status(302, { location: '/elsewhere' })],
  ['refuses', status(403)],
  ['cuts the connection', ({ message }) => message.socket.destroy()],
])('A receiver that %s gets the same entries again', async (_name, answer) => {
  const { got, port } = await listen([answer])
  const names = await write(2)
  forward(webhook(port))
  await vi.waitFor(async () => expect((await state())?.deliveredAtMs).not.toBeNull(), WAIT)
  const later = await write(1)
  await vi.waitUntil(() => got.length >= 3, WAIT)
  expect(got).toEqual([names, names, later])
})

test('An answer that is cut after its status has counted', async () => {
  const cut: Answer = ({ response }) => {
    response.writeHead(200, { 'content-length': '9' }).write('x', () => response.destroy())
  }
  const { got, port } = await listen([cut])
  const names = await write(2)
  forward(webhook(port))
  await vi.waitFor(async () => expect((await state())?.deliveredAtMs).not.toBeNull(), WAIT)
  expect(got).toEqual([names])
})

test('A receiver that never answers holds up nothing but itself', async () => {
  const { got, port } = await listen([() => {}])
  const names = await write(1)
  forward(webhook(port), { deliveryMs: 50 })
  await vi.waitUntil(() => got.length >= 2, WAIT)
  expect(got.slice(0, 2)).toEqual([names, names])
})

test('Of two processes one forwards, and the other takes over when the first is gone', async () => {
  const { got, port } = await listen()
  const end = forward(webhook(port))
  forward(webhook(port))
  const names = await write(20)
  await vi.waitUntil(() => got.flat().length >= names.length, WAIT)
  expect(got.flat()).toEqual(names)
  // A process that ends between a delivery and its record lets the other one repeat it.
  await vi.waitUntil(async () => (await waiting()).length === 0, WAIT)
  await end()
  const later = await write(2)
  await vi.waitUntil(() => got.flat().length >= names.length + later.length, WAIT)
  expect(got.flat()).toEqual([...names, ...later])
})

test('A process that was suspended beyond its lease repeats entries, and loses none', async () => {
  const names = await write(1)
  let resume: () => void = () => {}
  const suspended = new Promise<void>((resolve) => (resume = resolve))
  const delivered: string[][] = []
  const receiver = (wait: Promise<void>): Receiver => ({
    name: 'webhook',
    target: 'test',
    deliver: async (entries) => {
      delivered.push(entries.map(({ action }) => action))
      await wait
    },
  })
  forward(receiver(suspended), { leaseMs: 1, deliveryMs: 60_000 })
  await vi.waitUntil(() => delivered.length === 1, WAIT)
  forward(receiver(Promise.resolve()))
  await vi.waitFor(async () => expect((await state())?.deliveredAtMs).not.toBeNull(), WAIT)
  const later = await write(1)
  await vi.waitUntil(() => delivered.length >= 3, WAIT)
  const positionOfOther = (await state())?.position
  resume()
  expect(delivered.slice(0, 3)).toEqual([names, names, later])
  expect(positionOfOther).toBeDefined()
})
