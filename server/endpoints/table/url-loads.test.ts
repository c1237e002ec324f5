import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { createTestHome } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'

type Served = { bytes: string | Uint8Array; etag?: string }

/** By the path of the request. */
const served = new Map<string, Served>()
let afterGet: (path: string) => void
let answersHead: boolean

function respond({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
  const file = served.get(url)
  if (file === undefined || (method === 'HEAD' && !answersHead)) {
    response.writeHead(file === undefined ? 404 : 405).end()
    return
  }
  const headers = { 'content-length': Buffer.byteLength(file.bytes), ...(file.etag && { etag: file.etag }) }
  response.writeHead(200, headers)
  response.end(method === 'HEAD' ? undefined : file.bytes)
  if (method === 'GET') afterGet(url)
}

const server = http.createServer(respond)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
afterAll(() => server.close())
const home = createTestHome(
  { LAKESHORE_LOAD_PRIVATE_HOSTS: `http://${host}`, LAKESHORE_LOAD_HOSTS: '*.gov.example' },
  STAGE_HERE,
)
beforeEach(() => {
  served.clear()
  afterGet = () => {}
  answersHead = true
})

async function openLake() {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  const [on, editor] = [{ ...lake.wire, table: 't' }, await lake.signIn('editor')]
  const post = (endpoint: 'startLoad' | 'previewLoad', fields: object) =>
    lake.send(editor, endpoint, { ...on, format: 'csv', ...fields })
  const load = async (inputs: readonly object[]) => {
    const { status, body } = await post('startLoad', { inputs })
    if (status !== 200) throw new Error(JSON.stringify(body))
    const { id } = body['run'] as { id: string }
    const run = await runQueuedRun(home.services, id, {
      [INGEST]: ingestRuns(home.services, home.services.runStage),
    })
    return run
  }
  return { lake, on, editor, post, load }
}

const url = (path: string) => `http://${host}${path}`

it('A file of an allowed URL is previewed and loaded, and repeated without the version of the preview', async () => {
  const { lake, on, editor, post, load } = await openLake()
  expect(await lake.get(editor, 'listLoadLocations', on)).toEqual({
    locations: [],
    hosts: [`http://${host}`, '*.gov.example'],
  })
  served.set('/in/a.csv?token=secret', { bytes: 'id\n1\n2\n', etag: '"1"' })
  served.set('/b.csv.gz', { bytes: gzipSync('id\n3\n') })
  const input = { url: url('/in/a.csv?token=secret') }
  const preview = await post('previewLoad', { input })
  expect(preview).toMatchObject({ status: 200, body: { rowsRead: 2, isTruncated: false } })
  const version = preview.body['inputVersion']
  const run = await load([{ ...input, version }, { url: url('/b.csv.gz') }])
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 3 } })
  expect(run.title).toBe(`Load ${host}/in/a.csv and 1 other file`)
  expect(JSON.stringify(await lake.rows('audit'))).not.toContain('secret')
  expect(await lake.get(editor, 'getLoad', { run: run.id })).toMatchObject({
    files: [{ name: `${host}/in/a.csv`, input }, { input: { url: url('/b.csv.gz') } }],
  })
})

it('A file that changed since its preview, or while it was read, is refused', async () => {
  const { lake, post, load } = await openLake()
  served.set('/a.csv', { bytes: 'id\n1\n', etag: '"1"' })
  const input = { url: url('/a.csv') }
  const { body } = await post('previewLoad', { input })
  served.set('/a.csv', { bytes: 'id\n2\n', etag: '"2"' })
  expect(await load([{ ...input, version: body['inputVersion'] }])).toMatchObject({
    state: 'failed',
    error: { code: 'file-damaged', detail: expect.stringContaining('a.csv changed since its first rows were shown') },
  })
  afterGet = (path) => served.set(path, { bytes: 'id\n3\n', etag: '"3"' })
  expect(await load([input])).toMatchObject({
    state: 'failed',
    error: { code: 'file-damaged', detail: expect.stringContaining('a.csv changed while it was read') },
  })
  expect((await lake.load()).metadata.snapshots).toEqual([])
  // A server that does not answer HEAD is believed.
  answersHead = false
  expect(await load([input])).toMatchObject({ state: 'succeeded' })
})

it('A load from a URL that is not allowed is refused before a run is queued', async () => {
  const { post, load } = await openLake()
  for (const endpoint of ['previewLoad', 'startLoad'] as const)
    for (const [text, status] of [
      ['https://other.example/a.csv', 403],
      [`http://ada:pw@${host}/a.csv`, 400],
      ['file:///etc/passwd', 403],
      ['nothing', 400],
    ] as const)
      expect(
        await post(endpoint, endpoint === 'startLoad' ? { inputs: [{ url: text }] } : { input: { url: text } }),
        text,
      ).toMatchObject({ status })
  served.set('/a.csv', { bytes: 'id\n1\n' })
  expect(await load([{ url: url('/a.csv') }, { url: url('/a.csv') }])).toMatchObject({
    state: 'failed',
    error: { code: 'invalid-request', detail: expect.stringContaining('is given twice') },
  })
  expect(await load([{ url: url('/none.csv') }])).toMatchObject({ state: 'failed', error: { code: 'file-missing' } })
})

it('Where changes need two people, a load from a URL is refused with the other way', async () => {
  const { lake, post } = await openLake()
  await home.database.commit([setPolicyChange(lake.table(), { requiresProposal: true, by: 'ada' })])
  const { status, body } = await post('startLoad', { inputs: [{ url: url('/a.csv') }] })
  expect(status).toBe(403)
  expect(body['detail']).toContain('Files of a location or a URL cannot be proposed')
})
