import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lakeshore, startLakeshore } from '../../product/lakeshore.ts'

/** Runs the built product, because bundles can contain a module more than once, which tests from source do not show. */

let lakeshore: Lakeshore
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'concurrent-commits-'))
  lakeshore = await startLakeshore(folder)
})
afterAll(async () => {
  await lakeshore.stop()
  await rm(folder, { recursive: true })
})

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }

async function sendRequest(method: string, route: string, body?: object): Promise<{ status: number; body: ReplyBody }> {
  const response = await fetch(`${lakeshore.uri}/v1/${lakeshore.warehouse}/${route}`, {
    method,
    headers: { authorization: `Bearer ${lakeshore.token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as ReplyBody }
}
type ReplyBody = { error?: { type: string }; metadata?: { properties: Record<string, string> } }

test('The catalog reports that a name exists already, or that a namespace is not empty', async () => {
  const createNamespace = () => sendRequest('POST', 'namespaces', { namespace: ['demo'] })
  expect((await createNamespace()).status).toBe(200)
  expect((await createNamespace()).body.error?.type).toBe('AlreadyExistsException')
  for (const name of ['a', 'b']) await sendRequest('POST', 'namespaces/demo/tables', { name, schema: SCHEMA })
  expect((await sendRequest('DELETE', 'namespaces/demo')).body.error?.type).toBe('NamespaceNotEmptyException')
  const source = { namespace: ['demo'], name: 'a' }
  const renamed = await sendRequest('POST', 'tables/rename', { source, destination: { ...source, name: 'b' } })
  expect(renamed.body.error?.type).toBe('AlreadyExistsException')
})

test('Of concurrent creations of one table, one succeeds, and the others get a conflict', async () => {
  const create = () => sendRequest('POST', 'namespaces/demo/tables', { name: 'raced', schema: SCHEMA })
  const statuses = (await Promise.all(Array.from({ length: 8 }, create))).map(({ status }) => status)
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 7 }, () => 409)])
})

test('Concurrent commits are rebased, and no acknowledged one is lost', async () => {
  const name = 'busy'
  await sendRequest('POST', 'namespaces/demo/tables', {
    name,
    schema: SCHEMA,
    properties: { 'commit.retry.num-retries': '20' },
  })
  const commit = (number: number) =>
    sendRequest('POST', `namespaces/demo/tables/${name}`, {
      requirements: [],
      updates: [{ action: 'set-properties', updates: { [`k${number}`]: 'v' } }],
    })
  const replies = await Promise.all(Array.from({ length: 24 }, (_, number) => commit(number)))
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
  const { body } = await sendRequest('GET', `namespaces/demo/tables/${name}`)
  expect(Object.keys(body.metadata?.properties ?? {})).toEqual(
    expect.arrayContaining(Array.from({ length: 24 }, (_, number) => `k${number}`)),
  )
})
