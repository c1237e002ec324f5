import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { listRuns, runsChangedEvent } from '@/lib/contract/jobs'
import { BUILD_HEADER } from '@/lib/contract/shapes/plain-values'
import { scanTable } from '@/lib/contract/table/scan'
import { getTable } from '@/lib/contract/table/tables'
import { listWaitingProposals } from '@/lib/contract/proposals'
import { listTokens } from '@/lib/contract/tokens'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { callEndpoint } from './call-endpoint'
import { readEvent } from './read'

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>()
const TABLE = { catalog: 'local', namespace: ['a.b', 'c/d'], table: '100% events' }
const TABLE_PATH = '/api/v1/catalogs/local/namespaces/a.b%1Fc%2Fd/tables/100%25%20events'

beforeEach(() => {
  vi.stubGlobal('document', { querySelector: () => ({ content: 'one' }) })
  vi.stubGlobal('fetch', fetched)
})
afterEach(() => {
  vi.unstubAllGlobals()
  fetched.mockReset()
})

function answer(body: unknown, build: string | null, status = 200): void {
  fetched.mockResolvedValueOnce(
    Response.json(body, { status, headers: build === null ? {} : { [BUILD_HEADER]: build } }),
  )
}

/** The fields of the request that was sent, as the server reads them from the query or the body. */
function sentFields(): unknown {
  const [url = '', init] = fetched.mock.lastCall ?? []
  return typeof init?.body === 'string'
    ? JSON.parse(init.body)
    : Object.fromEntries(new URL(url, 'http://lake').searchParams)
}

test('A page asks for what it reads by the same address and fields as by the contract', async () => {
  answer({}, 'one')
  await callEndpoint('getTable', { ...TABLE, at: 1_700_000_000_000 })
  expect(fetched.mock.lastCall?.[0]).toBe(`${TABLE_PATH}?at=1700000000000`)
  expect(getTable.input.parse({ ...(sentFields() as object), ...TABLE, namespace: 'a.b\x1fc/d' })).toEqual({
    ...TABLE,
    at: 1_700_000_000_000,
  })

  answer({}, 'one')
  const filter = { ...TABLE, state: 'open', limit: 50 } as const
  await callEndpoint('listRuns', filter)
  expect(listRuns.input.parse(sentFields())).toEqual(filter)

  answer({}, 'one')
  const found = { ...filter, uuid: 'of the row that the page has' }
  await callEndpoint('listRuns', found)
  expect(sentFields()).not.toHaveProperty('uuid')

  answer({}, 'one')
  const where = '{"type":"always-true"}'
  await callEndpoint('scanTable', { ...TABLE, snapshot: '3051729675574597004', where })
  expect(fetched.mock.lastCall).toMatchObject([`${TABLE_PATH}/scans`, { method: 'POST' }])
  expect(sentFields()).toEqual({ snapshot: '3051729675574597004', where })
  expect(Object.keys(scanTable.input.shape)).toEqual(expect.arrayContaining(Object.keys(sentFields() as object)))
})

test('Namespaces of a response are lists of levels, wherever the contract has them', async () => {
  const table = { catalog: 'local', namespace: ['a', 'b.c'], table: 't' }
  const encoded = { ...table, namespace: 'a\x1fb.c' }
  answer(
    { runs: [{ table: encoded }, { table: null }], badges: [{ table: encoded }], nextBefore: '9007199254740993' },
    'one',
  )
  expect(await callEndpoint('listRuns', {})).toEqual({
    runs: [{ table }, { table: null }],
    badges: [{ table }],
    nextBefore: '9007199254740993',
  })
})

test('A response of another build, or of an unknown one, is validated by the contract', async () => {
  const valid = { tokens: [] }
  expect(listTokens.output.safeParse(valid).success).toBe(true)
  for (const build of ['two', null]) {
    answer(valid, build)
    expect(await callEndpoint('listTokens', {})).toEqual(valid)
    answer({ tokens: 'none' }, build)
    await expect(callEndpoint('listTokens', {})).rejects.toMatchObject({ code: 'internal' })
  }
  const proposals = z.encode(listWaitingProposals.output, { proposals: [], badges: [], isTruncated: false })
  answer(proposals, 'two')
  expect(await callEndpoint('listWaitingProposals', {})).toMatchObject({ proposals: [] })
})

test('A refusal is the same error as by the contract', async () => {
  const problem = { code: 'not-found', detail: 'No such table.', facts: {}, requestId: 'r1' }
  answer(problem, 'one', 404)
  await expect(callEndpoint('getTable', TABLE)).rejects.toMatchObject({ code: 'not-found', message: 'No such table.' })
})

test('An address without a part, or with a relative one, is refused before it is sent', async () => {
  await expect(callEndpoint('getTable', { ...TABLE, table: '' })).rejects.toMatchObject({ code: 'invalid-request' })
  await expect(callEndpoint('getTable', { ...TABLE, namespace: [] })).rejects.toMatchObject({ code: 'invalid-request' })
  await expect(callEndpoint('getTable', { ...TABLE, table: '..' })).rejects.toMatchObject({ code: 'invalid-request' })
  expect(fetched).not.toHaveBeenCalled()
})

test('An event of the page’s build is read without the contract, and of another build by it', async () => {
  const run = { ...SAMPLE_RUN, table: { catalog: 'local', namespace: ['a.b', 'c'], table: 't' } }
  const decode = vi.fn(async () => 'decoded')
  const event = (build: string | null) => z.encode(runsChangedEvent, { build, runs: [run] })
  expect(await readEvent('runsChangedEvent', event('one'), decode)).toEqual({ build: 'one', runs: [run] })
  expect(decode).not.toHaveBeenCalled()
  for (const build of ['two', null]) expect(await readEvent('runsChangedEvent', event(build), decode)).toBe('decoded')
  // An earlier server did not name its build.
  expect(await readEvent('runsChangedEvent', { build: undefined }, decode)).toBe('decoded')
  vi.stubGlobal('document', { querySelector: () => null })
  expect(await readEvent('runsChangedEvent', event(null), decode), 'a page of no known build').toBe('decoded')
})
