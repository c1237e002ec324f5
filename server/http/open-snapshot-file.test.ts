import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readSnapshotFile } from '@/lib/contract/table/files-bytes'
import { getFile, listFiles, listManifests } from '@/lib/contract/table/files'
import { problem } from '@/lib/contract/shapes/problem'
import { createTableOfFiles } from '@/testing/catalogs/table-of-files'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'

const home = createTestHome()
const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))
const locationOf = (name: string) => `${home.config.warehouse}/demo/t/data/${name}`

let folder: string
let reader: SignedInUser
beforeAll(async () => {
  reader = await signInAs(home.services, 'viewer')
  folder = path.join(home.config.warehouse.slice('file://'.length), 'demo', 't', 'data')
  mkdirSync(folder, { recursive: true })
  for (const name of ['listed.parquet', 'unlisted.parquet']) writeFileSync(path.join(folder, name), bytes)
  symlinkSync('/etc/passwd', path.join(folder, 'link.parquet'))
  await createTableOfFiles(home.services, 't', [
    locationOf('listed.parquet'),
    locationOf('gone.parquet'),
    locationOf('link.parquet'),
    'file:///etc/passwd',
  ])
  await createTableOfFiles(home.services, 'other', [locationOf('unlisted.parquet')])
})

async function request(
  endpoint: Parameters<typeof loadRouteHandler>[1],
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const handler = await loadRouteHandler(home.services, endpoint)
  const url = `http://test/x?${new URLSearchParams(fields)}`
  return handler(new Request(url, { headers: { cookie: reader.cookie, ...headers } }), {
    params: Promise.resolve({ catalog: 'local', namespace: 'demo', table: 't' }),
  })
}

const requestBytes = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  request(readSnapshotFile, fields, headers)
const problemOf = async (response: Response) => problem.parse(await response.json())

async function listedManifest(): Promise<string> {
  const { manifests } = listManifests.output.parse(await (await request(listManifests, {})).json())
  return manifests[0]?.path ?? ''
}

describe('A file of a snapshot', () => {
  it('is sent in ranges, found by its location alone or by its manifest', async () => {
    const file = locationOf('listed.parquet')
    for (const fields of [{ file }, { file, manifest: await listedManifest() }]) {
      const response = await requestBytes(fields, { range: 'bytes=-10' })
      expect([response.status, response.headers.get('content-range')]).toEqual([206, 'bytes 990-999/1000'])
      expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes.subarray(990))
    }
  })

  it('is refused without a session', async () => {
    const response = await requestBytes({ file: locationOf('listed.parquet') }, { cookie: '' })
    expect(response.status).toBe(401)
  })

  it('that is gone is reported as missing', async () => {
    expect(await problemOf(await requestBytes({ file: locationOf('gone.parquet') }))).toMatchObject({
      code: 'file-missing',
    })
  })

  it.each([
    ['outside the warehouse', () => 'file:///etc/passwd'],
    ['behind a link', () => locationOf('link.parquet')],
  ])('is refused although a manifest lists it: %s', async (_, location) => {
    const { code } = await problemOf(await requestBytes({ file: location() }))
    expect(['location-refused', 'file-missing']).toContain(code)
  })

  it.each([
    ['a file that no manifest lists', () => ({ file: `${locationOf('listed.parquet')}x` })],
    ['a file of another table', () => ({ file: locationOf('unlisted.parquet') })],
    ['a manifest of no snapshot', () => ({ file: locationOf('listed.parquet'), manifest: 'file:///etc/passwd' })],
    ['the metadata of the table', () => ({ file: `${home.config.warehouse}/demo/t/metadata/v1.metadata.json` })],
  ])('is not found by naming %s', async (_, fields) => {
    expect(await problemOf(await requestBytes(fields()))).toMatchObject({ code: 'not-found' })
    expect(await problemOf(await request(getFile, fields()))).toMatchObject({ code: 'not-found' })
  })
})

describe('The manifests of a snapshot', () => {
  it('are listed with their counts, and their entries by manifest', async () => {
    const output = listManifests.output.parse(await (await request(listManifests, {})).json())
    expect(output).toMatchObject({ totalCount: 1, nextOffset: null })
    expect(output.manifests[0]).toMatchObject({ content: 'data', addedFilesCount: 4, addedRowsCount: 40 })
    const manifest = output.manifests[0]?.path ?? ''
    const page = listFiles.output.parse(await (await request(listFiles, { manifest })).json())
    expect(page.files.map((file) => [file.status, file.manifestPath])).toEqual(
      Array.from({ length: 4 }, () => ['added', manifest]),
    )
    expect(await problemOf(await request(listFiles, { manifest: 'file:///etc/passwd' }))).toMatchObject({
      code: 'not-found',
    })
  })
})
