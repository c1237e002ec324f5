import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTcpProxy, type TcpProxy } from './tcp-proxy'

/** A server that echoes the bytes that it receives. */
let server: Server
let received: string
let accepted: Socket[]
let proxy: TcpProxy

beforeEach(async () => {
  received = ''
  accepted = []
  server = createServer((socket) => {
    accepted.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      received += bytes.toString()
      socket.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await startTcpProxy({ port: (server.address() as AddressInfo).port })
})
afterEach(async () => {
  proxy.close()
  for (const socket of accepted) socket.destroy()
  await new Promise((resolve) => void server.close(resolve))
})

async function openClient(): Promise<Socket> {
  const client = connect(proxy.port, '127.0.0.1')
  await once(client, 'connect')
  client.on('error', () => {}) // the test checks it when it matters
  return client
}

async function exchange(client: Socket, text: string): Promise<string> {
  client.write(text)
  const [bytes] = await once(client, 'data')
  return String(bytes)
}

/** The code of the error that ends a connection, and the bytes that came before it. */
async function waitForEnd(client: Socket): Promise<{ code: string; text: string }> {
  let text = ''
  client.on('data', (bytes) => (text += String(bytes)))
  const [error] = await once(client, 'error')
  return { code: error.code, text }
}

describe('A fault proxy', () => {
  test('forwards in both directions, and closes connections cleanly', async () => {
    const client = await openClient()
    expect(await exchange(client, 'hello')).toBe('hello')
    client.end()
    client.resume()
    const [hadError] = await once(client, 'close')
    expect(hadError).toBe(false)
  })

  test('replaces the port of a URL and nothing else', () => {
    expect(proxy.proxiedUrl('postgres://me:se%2Fcret@127.0.0.1:5432/lake?sslmode=disable')).toBe(
      `postgres://me:se%2Fcret@127.0.0.1:${proxy.port}/lake?sslmode=disable`,
    )
  })

  test('resets open connections when it cuts, and accepts new ones', async () => {
    const client = await openClient()
    await exchange(client, 'hello')
    const end = waitForEnd(client)
    proxy.cut()
    expect((await end).code).toBe('ECONNRESET')
    expect(await exchange(await openClient(), 'again')).toBe('again')
  })

  test('holds what a client sends while it stalls, and loses nothing', async () => {
    const client = await openClient()
    await exchange(client, 'before.')
    proxy.stall()
    const later = await openClient()
    const answer = exchange(client, 'held')
    const laterAnswer = exchange(later, 'late')
    // A direct connection to the server, which the stall does not affect, works in both directions meanwhile.
    const direct = connect((server.address() as AddressInfo).port, '127.0.0.1')
    await exchange(direct, 'direct.')
    direct.destroy()
    expect(received).toBe('before.direct.')
    proxy.resume()
    expect(await Promise.all([answer, laterAnswer])).toEqual(['held', 'late'])
  })

  test('can hold only the answers', async () => {
    const client = await openClient()
    await exchange(client, 'before.')
    proxy.stall('to-client')
    const answers: string[] = []
    client.on('data', (bytes) => answers.push(String(bytes)))
    const arrived = once(accepted[0] ?? client, 'data')
    client.write('held')
    await arrived
    expect(received).toBe('before.held')
    expect(answers).toEqual([])
    const answered = once(client, 'data')
    proxy.resume()
    await answered
    expect(answers).toEqual(['held'])
  })

  test('refuses new connections and keeps open ones until it accepts again', async () => {
    const client = await openClient()
    await exchange(client, 'hello')
    proxy.refuse()
    await expect(openClient()).rejects.toThrow('ECONNREFUSED')
    expect(await exchange(client, 'still here')).toBe('still here')
    await proxy.accept()
    expect(await exchange(await openClient(), 'again')).toBe('again')
  })

  test('forwards the bytes and withholds the answer', async () => {
    const client = await openClient()
    await exchange(client, 'BEGIN;')
    const cut = proxy.cutAfterClientSends('COMMIT')
    const end = waitForEnd(client)
    client.write('COMMIT;')
    await cut
    expect(await end).toEqual({ code: 'ECONNRESET', text: '' })
    expect(received).toBe('BEGIN;COMMIT;')
    expect(await exchange(await openClient(), 'COMMIT')).toBe('COMMIT')
  })

  test('withholds the bytes themselves', async () => {
    const client = await openClient()
    await exchange(client, 'BEGIN;')
    const cut = proxy.cutBeforeForwarding('COMMIT')
    const end = waitForEnd(client)
    client.write('COMMIT;')
    await cut
    expect(await end).toEqual({ code: 'ECONNRESET', text: '' })
    expect(received).toBe('BEGIN;')
  })

  test('finds the bytes in two pieces, but not in bytes sent before', async () => {
    const [first, second] = [await openClient(), await openClient()]
    await exchange(first, 'COMMIT')
    const cut = proxy.cutBeforeForwarding('COMMIT')
    expect(await exchange(first, 'S')).toBe('S')
    expect(await exchange(second, 'COM')).toBe('COM')
    const end = waitForEnd(second)
    second.write('MIT')
    await cut
    expect((await end).code).toBe('ECONNRESET')
    expect(received).toBe('COMMITSCOM')
    expect(await exchange(first, 'more')).toBe('more')
  })
})
