import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it, test } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { createTestLocations } from '@/testing/ingest/test-locations'
import { findFiles, MAX_SEARCHED_ENTRIES } from './find-files'
import { LocationFiles } from './location-files'
import { openLoadLocation } from './open-location'
import { createTestStore } from '@/testing/stores/test-store'

const locations = await createTestLocations()
const home = createTestHome(locations.settings)
afterAll(() => locations.remove())

const { signal } = new AbortController()
const open = (name: string) => openLoadLocation(home.services, name)
const refused = expect.objectContaining({ code: 'location-refused' })
const missing = expect.objectContaining({ code: 'file-missing' })

async function readText(name: string, file: string): Promise<string> {
  const files = await open(name)
  const { sizeBytes } = await files.readVersion(file, signal)
  const parts: Uint8Array[] = []
  for await (const part of files.stream(file, sizeBytes, signal)) parts.push(part)
  return Buffer.concat(parts).toString()
}

describe.each(['drop', 'landing'])('The files of %s', (name) => {
  const list = async (folder: string, limit: number, pageToken: string | null = null) =>
    (await open(name)).listFolder(folder, { limit, pageToken, signal })
  const find = async (pattern: string) => {
    const { files, isComplete } = await findFiles(await open(name), pattern, signal)
    return { paths: files.map((file) => file.path), isComplete }
  }

  it('are listed in pages without hidden ones, and read', async () => {
    for (const file of ['pages/a.csv', 'pages/b/c.csv', 'pages/_SUCCESS', 'pages/.part/x', 'pages/z.csv'])
      locations.put(name, file, `id\n${file}\n`)
    const names: string[] = []
    let pageToken: string | null = null
    let pageCount = 0
    do {
      const page = await list('pages', 2, pageToken)
      names.push(...page.folders, ...page.files.map((file) => file.name))
      ;({ nextPageToken: pageToken } = page)
      pageCount += 1
    } while (pageToken !== null)
    expect(names.sort()).toEqual(['a.csv', 'b', 'z.csv'])
    expect(pageCount).toBe(3)
    expect(await readText(name, 'pages/b/c.csv')).toBe('id\npages/b/c.csv\n')
    expect((await list('', 9)).folders).toContain('pages')
    await expect(list('none', 9)).rejects.toEqual(missing)
  })

  it('are found by patterns, in the order of their paths', async () => {
    for (const file of [
      '2026-05/b.csv',
      '2026-05/a.csv',
      '2026-06/deep/c.csv',
      '2026-06/d.txt',
      '2025-01/e.csv',
      '2026-05/_f.csv',
    ])
      locations.put(name, file, 'id\n')
    expect(await find('2026-*/**.csv')).toEqual({
      paths: ['2026-05/a.csv', '2026-05/b.csv', '2026-06/deep/c.csv'],
      isComplete: true,
    })
    expect(await find('2026-05/?.csv')).toMatchObject({ paths: ['2026-05/a.csv', '2026-05/b.csv'] })
    expect(await find('none/*.csv')).toEqual({ paths: [], isComplete: true })
    await expect(find('../*')).rejects.toEqual(refused)
    await expect(find('/*')).rejects.toEqual(refused)
  })

  it.each([
    '../secret.csv',
    'a/../../secret.csv',
    '..%2Fsecret.csv',
    'a%2f..%2f..%2fsecret.csv',
    '%2e%2e/secret.csv',
    '%252e%252e/secret.csv',
    'p=1/../../secret.csv',
    './a.csv',
    '/etc/passwd',
    'a//b.csv',
    'a\\..\\b.csv',
    'a\0.csv',
    'a.csv/',
    '',
  ])('do not include %j', async (file) => {
    writeFileSync(path.join(locations.folder, 'secret.csv'), 'id\n1\n')
    locations.s3.objects.set('bucket/secret.csv', Buffer.from('id\n1\n'))
    const files = await open(name)
    await expect(files.readVersion(file, signal)).rejects.toEqual(refused)
    await expect(files.stream(file, 1, signal).next()).rejects.toEqual(refused)
    const folder = file === '' ? '..' : file
    await expect(files.listFolder(folder, { limit: 1, pageToken: null, signal })).rejects.toEqual(refused)
  })

  test('are named without their bucket or folder when one is missing, and read under names with percent signs', async () => {
    const files = await open(name)
    await expect(files.readVersion('no/such.csv', signal)).rejects.toMatchObject({
      code: 'file-missing',
      message: `There is no file ${name}/no/such.csv.`,
      facts: { location: name, file: `${name}/no/such.csv` },
    })
    locations.put(name, 'day=a%2Fb/100%.csv', 'id\n')
    expect(await readText(name, 'day=a%2Fb/100%.csv')).toBe('id\n')
  })
})

test('Links that lead out of a folder are neither listed nor read, nor are files in them', async () => {
  const outside = path.join(locations.folder, 'outside')
  mkdirSync(outside)
  writeFileSync(path.join(outside, 'x.csv'), 'secret')
  locations.put('drop', 'links/own.csv', 'id\n')
  const at = (file: string) => path.join(locations.folder, 'drop', 'links', file)
  symlinkSync(path.join(outside, 'x.csv'), at('x.csv'))
  symlinkSync(outside, at('folder'))
  symlinkSync(path.join(home.config.homeDir, 'secrets'), at('secrets'))
  const files = await open('drop')
  const page = await files.listFolder('links', { limit: 9, pageToken: null, signal })
  expect([...page.folders, ...page.files.map(({ name }) => name)]).toEqual(['own.csv'])
  for (const file of ['links/x.csv', 'links/folder/x.csv', 'links/secrets/secret']) {
    await expect(files.readVersion(file, signal)).rejects.toEqual(refused)
    await expect(files.stream(file, 1, signal).next()).rejects.toEqual(refused)
  }
  await expect(files.listFolder('links/folder', { limit: 9, pageToken: null, signal })).rejects.toEqual(refused)
  expect((await findFiles(files, 'links/**', signal)).files.map((file) => file.path)).toEqual(['links/own.csv'])
})

test('A location that the operator does not list does not exist', async () => {
  await expect(open('other')).rejects.toMatchObject({ code: 'not-found' })
  await expect(open('Drop')).rejects.toMatchObject({ code: 'not-found' })
})

test('A search ends at its limit, and says so', async () => {
  let pages = 0
  const store = createTestStore({
    listFolder: async () => {
      pages += 1
      const files = Array.from({ length: 1_000 }, (_, i) => ({
        name: `${pages}-${i}`,
        sizeBytes: 1,
        modifiedAtMs: null,
      }))
      return { folders: [], files, nextPageToken: String(pages), isMissing: false }
    },
  })
  const files = new LocationFiles({ name: 'a', location: 's3://b/a' }, store)
  const found = await findFiles(files, '*-1', signal)
  expect(found).toMatchObject({ isComplete: false, files: { length: MAX_SEARCHED_ENTRIES / 1_000 } })
  expect(pages).toBe(100)
})
