import { expect, it } from 'vitest'
import type { ObjectStore } from '@/server/storage/object-store'
import { findInFolder } from './find-in-folder'

const { signal } = new AbortController()
const FOLDER = 'file:///lake/data'

/** A store with folders and files of these numbers, which counts its lists. */
function storeOf(folderCount: number, fileCount: number) {
  const names = [
    ...Array.from({ length: folderCount }, (_, i) => ({ kind: 'folder', name: `day=${i}` })),
    ...Array.from({ length: fileCount }, (_, i) => ({ kind: 'file', name: `Part-${i}.parquet` })),
  ]
  const limits: number[] = []
  const listFolder: ObjectStore['listFolder'] = async (_, { limit, pageToken }) => {
    limits.push(limit)
    const from = Number(pageToken ?? '0')
    const page = names.slice(from, from + limit)
    return {
      folders: page.flatMap(({ kind, name }) => (kind === 'folder' ? [name] : [])),
      files: page.flatMap(({ kind, name }) => (kind === 'file' ? [{ name, sizeBytes: 1, modifiedAtMs: null }] : [])),
      nextPageToken: from + limit < names.length ? String(from + limit) : null,
      isMissing: false,
    }
  }
  return { limits, listFolder }
}

const namesOf = ({ folders, files }: Awaited<ReturnType<typeof findInFolder>>) => [
  ...folders,
  ...files.map(({ name }) => name),
]

it('lists one page of the store without a text', async () => {
  const store = storeOf(2, 3_000)
  const page = await findInFolder(store, FOLDER, { limit: 1_000, signal })
  expect(page).toMatchObject({ searchedCount: 1_000, nextPageToken: '1000', isMissing: false })
  expect(store.limits).toEqual([1_000])
})

it('finds the entries of all pages of a folder with 10,000 entries', async () => {
  const store = storeOf(1_000, 9_000)
  const page = await findInFolder(store, FOLDER, { search: 'part-899', limit: 1_000, signal })
  expect(namesOf(page)).toEqual(
    [899, ...Array.from({ length: 10 }, (_, i) => 8_990 + i)].map((i) => `Part-${i}.parquet`),
  )
  expect(page).toMatchObject({ searchedCount: 10_000, nextPageToken: null })
})

it('ends before the end of a larger folder, and goes on there', async () => {
  const store = storeOf(0, 10_501)
  const page = await findInFolder(store, FOLDER, { search: '10500', limit: 1_000, signal })
  expect(namesOf(page)).toEqual([])
  expect(page).toMatchObject({ searchedCount: 10_000, nextPageToken: '10000' })
  const pageToken = page.nextPageToken ?? ''
  const next = await findInFolder(store, FOLDER, { search: '10500', pageToken, limit: 1_000, signal })
  expect(namesOf(next)).toEqual(['Part-10500.parquet'])
  expect(next).toMatchObject({ searchedCount: 501, nextPageToken: null })
})

it('never returns more than the limit, and nothing twice, when everything matches', async () => {
  const store = storeOf(3, 4_000)
  const found: string[] = []
  for (let pageToken: string | undefined = ''; pageToken !== undefined; ) {
    const page = await findInFolder(store, FOLDER, {
      search: 'a',
      limit: 1_000,
      signal,
      ...(pageToken !== '' && { pageToken }),
    })
    expect(namesOf(page).length).toBeLessThanOrEqual(1_000)
    found.push(...namesOf(page))
    pageToken = page.nextPageToken ?? undefined
  }
  expect(found).toHaveLength(4_003)
  expect(new Set(found).size).toBe(4_003)
})
