import { afterAll, expect, it } from 'vitest'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { createTestHome } from '@/testing/homes/test-home'
import { createTestLocations } from '@/testing/ingest/test-locations'

const locations = await createTestLocations()
const home = createTestHome(locations.settings)
afterAll(() => locations.remove())

async function openLake() {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  return { lake, on: { ...lake.wire, table: 't' }, editor: await lake.signIn('editor') }
}

it('A user who may write a table finds the locations, their folders page by page, and files by a pattern', async () => {
  const { lake, on, editor } = await openLake()
  expect(await lake.get(editor, 'listLoadLocations', on)).toEqual({
    locations: [{ name: 'drop' }, { name: 'landing' }],
    hosts: [],
  })
  for (let i = 0; i < 201; i += 1) locations.put('landing', `many/${String(i).padStart(3, '0')}.csv`, 'id\n1\n')
  locations.put('landing', 'many/100a/x.csv', 'id\n')
  const first = await lake.get(editor, 'listLocationFiles', { ...on, location: 'landing', folder: 'many' })
  const entries = first['entries'] as { kind: string; name: string }[]
  expect(entries).toHaveLength(200)
  expect(entries.slice(100, 102)).toEqual([
    { kind: 'file', name: '100.csv', sizeBytes: 5, modifiedAtMs: expect.any(Number) },
    { kind: 'folder', name: '100a' },
  ])
  const cursor = first['nextCursor']
  const rest = await lake.get(editor, 'listLocationFiles', { ...on, location: 'landing', folder: 'many', cursor })
  expect(rest).toMatchObject({ entries: [{ name: '199.csv' }, { name: '200.csv' }], nextCursor: null })

  const found = await lake.get(editor, 'findLocationFiles', { ...on, location: 'landing', match: 'many/**' })
  expect(found).toMatchObject({ fileCount: 202, sizeBytes: 201 * 5 + 3, isComplete: true })
  expect((found['files'] as { path: string }[])[0]?.path).toBe('many/000.csv')
})

it('More files than a load has are counted, and the first ones returned', async () => {
  const { lake, on, editor } = await openLake()
  for (let i = 0; i < 1_002; i += 1) locations.put('landing', `thousand/${String(i).padStart(4, '0')}`, '1')
  const found = await lake.get(editor, 'findLocationFiles', { ...on, location: 'landing', match: 'thousand/*' })
  expect(found).toMatchObject({
    fileCount: 1_002,
    sizeBytes: 1_002,
    files: { length: 1_000, 999: { path: 'thousand/0999' } },
  })
})

it('Who may not write the table sees no location', async () => {
  const { lake, on } = await openLake()
  const viewer = await lake.signIn('viewer')
  for (const [name, fields] of [
    ['listLoadLocations', {}],
    ['listLocationFiles', { location: 'drop' }],
    ['findLocationFiles', { location: 'drop', match: '*' }],
  ] as const)
    expect(await lake.send(viewer, name, { ...on, ...fields })).toMatchObject({ status: 403 })
})

it.each([
  [{ location: 'none' }, 404, 'LAKESHORE_LOAD_LOCATIONS'],
  [{ location: '../drop' }, 400, ''],
  [{ location: 'drop', folder: '../..' }, 403, 'leads out of the location'],
  [{ location: 'landing', folder: 'a/..%2f..%2fb' }, 403, 'leads out of the location'],
])('The list of %j is refused', async (fields, status, detail) => {
  const { lake, on, editor } = await openLake()
  expect(await lake.send(editor, 'listLocationFiles', { ...on, ...fields })).toMatchObject({
    status,
    body: { detail: expect.stringContaining(detail) },
  })
})
