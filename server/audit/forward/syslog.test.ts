import dgram from 'node:dgram'
import net, { type AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { AuditEntryView } from '@/lib/contract/audit'
import { syslogReceiver } from './syslog'
import { toOctetCounted, toSyslogMessage } from './syslog-message'

const signal = new AbortController().signal
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

const entry = (change: Partial<AuditEntryView> = {}): AuditEntryView => ({
  id: '01K',
  atMs: Date.UTC(2026, 10, 22, 1, 2, 3, 45),
  actor: 'zoë',
  source: 'console',
  job: null,
  via: null,
  address: null,
  action: 'set-properties',
  table: null,
  namespace: null,
  subject: null,
  changes: [],
  changeCount: 0,
  refusal: null,
  outcome: 'done',
  requestId: null,
  undoes: null,
  undoneBy: null,
  ...change,
})

/** A message by the grammar of RFC 5424, section 6, without structured data. */
const MESSAGE =
  /^<(?<pri>0|[1-9]\d{0,2})>(?<version>[1-9]\d{0,2}) (?<time>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) (?<host>-|[!-~]{1,255}) (?<app>-|[!-~]{1,48}) (?<process>-|[!-~]{1,128}) (?<id>-|[!-~]{1,32}) -(?: (?<text>[\s\S]*))?$/

function parse(message: string) {
  const fields = MESSAGE.exec(message)?.groups
  if (!fields) throw new Error(`no syslog message: ${message}`)
  return { ...fields, json: JSON.parse(fields['text'] ?? '') as AuditEntryView & { isTruncated?: boolean } }
}

/** Frames by RFC 6587, section 3.4.1. @returns null for an incomplete last frame */
function unframe(bytes: Buffer): string[] | null {
  const messages: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const [, digits = ''] = /^([1-9]\d*) /.exec(bytes.subarray(at, at + 12).toString('latin1')) ?? []
    const from = at + digits.length + 1
    at = from + Number(digits)
    if (digits === '' || at > bytes.length) return null
    messages.push(bytes.subarray(from, at).toString())
  }
  return messages
}

test('A message has the fields of the standard, and its text is the entry in ASCII', () => {
  const sender = { hostname: 'lake 1', processId: 7 }
  const message = toSyslogMessage(entry(), sender)
  expect(message).toMatch(/^[\x20-\x7e]*$/)
  expect(parse(message)).toMatchObject({
    pri: String(13 * 8 + 6),
    version: '1',
    time: '2026-11-22T01:02:03.045Z',
    host: 'lake_1',
    app: 'lakeshore',
    process: '7',
    id: 'set-properties',
    json: { id: '01K', actor: 'zoë' },
  })
  const refused = entry({ outcome: 'refused', action: 'x'.repeat(40) })
  expect(parse(toSyslogMessage(refused, { hostname: '', processId: 7 }))).toMatchObject({
    pri: String(13 * 8 + 4),
    host: '-',
    id: 'x'.repeat(32),
  })
})

test('A message that would be too long is cut, and says so', () => {
  const changes = [{ kind: 'value' as const, name: 'note', before: null, after: 'a\n\u0000 <1>1 "'.repeat(50) }]
  const long = toSyslogMessage(entry({ changes, changeCount: 1 }), { hostname: 'h', processId: 1 }, 600)
  expect(long.length).toBeLessThanOrEqual(600)
  expect(parse(long).json).toMatchObject({ isTruncated: true, changes: [], changeCount: 1 })
  expect(parse(toSyslogMessage(entry({ changes }), { hostname: 'h', processId: 1 })).json.changes).toEqual(changes)
})

test('Octets are counted in bytes', () => {
  expect(toOctetCounted('ab ä')).toBe('5 ab ä')
})

async function listen(handle: (socket: net.Socket) => void) {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => server.close())
  return (server.address() as AddressInfo).port
}
const tcp = (port: number) => syslogReceiver({ protocol: 'tcp', host: '127.0.0.1', port, ca: null })
const entries = Array.from({ length: 50 }, (_, i) => entry({ id: `e${i}`, action: `a-${i}` }))

test('A batch arrives over TCP, frame after frame', async () => {
  const chunks: Buffer[] = []
  const port = await listen((socket) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('end', () => socket.end())
  })
  await tcp(port).deliver(entries, signal)
  const messages = unframe(Buffer.concat(chunks))
  expect(messages?.map((message) => parse(message).json.id)).toEqual(entries.map(({ id }) => id))
})

test('A connection that is cut in the middle of a batch is a failure', async () => {
  const long = Array.from({ length: 100 }, (_, i) =>
    entry({ id: `e${i}`, changes: [{ kind: 'value', name: 'x', before: null, after: 'y'.repeat(100_000) }] }),
  )
  const port = await listen((socket) => {
    socket.once('data', () => socket.resetAndDestroy())
  })
  await expect(tcp(port).deliver(long, signal)).rejects.toThrow(/ECONNRESET|EPIPE|cut|closed/)
})

test('A receiver that is down, too slow, or a metadata service of a cloud, is a failure', async () => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  await expect(tcp(port).deliver(entries, signal)).rejects.toThrow('ECONNREFUSED')
  const stop = new AbortController()
  const slow = await listen((socket) => socket.pause())
  const long = [entry({ changes: [{ kind: 'value', name: 'x', before: null, after: 'y'.repeat(16_000_000) }] })]
  const delivery = tcp(slow).deliver(long, stop.signal)
  setTimeout(() => stop.abort(), 20)
  await expect(delivery).rejects.toThrow('It took too long.')
  for (const protocol of ['tcp', 'tls', 'udp'] as const) {
    for (const host of ['169.254.169.254', '169.254.1.1', 'fe80::1', '::ffff:169.254.1.1', '0xa9fe0101']) {
      const metadata = syslogReceiver({ protocol, host, port, ca: null })
      await expect(metadata.deliver(entries, signal)).rejects.toThrow('cloud metadata address')
    }
  }
})

test('Each entry is a datagram over UDP', async () => {
  const socket = dgram.createSocket('udp4')
  const messages: string[] = []
  const all = new Promise<void>((resolve) => {
    socket.on('message', (message) => {
      messages.push(message.toString())
      if (messages.length === 3) resolve()
    })
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  stops.push(() => socket.close())
  const receiver = syslogReceiver({ protocol: 'udp', host: '127.0.0.1', port: socket.address().port, ca: null })
  await receiver.deliver(entries.slice(0, 3), signal)
  await all
  expect(messages.map((message) => parse(message).json.id)).toEqual(['e0', 'e1', 'e2'])
})
