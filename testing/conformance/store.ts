import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FolderPage, ObjectStore } from '@/server/storage/object-store'

export type StoreUnderTest = {
  store: ObjectStore
  /** A folder that only this test uses, without a slash at the end. */
  folder: string
  /** A folder outside the allowed locations. */
  outside: string
}

/** For stores with the sizes of the product. */
const LARGE_BYTES = 12 * 1024 * 1024 + 7

const encode = (content: string) => new TextEncoder().encode(content)
const decode = (content: Uint8Array) => new TextDecoder().decode(content)
const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })

/**
 * The contract that callers of every store rely on.
 *
 * @param largeBytes larger than a single upload of the store, and not a whole number of parts
 */
export function describeStore(
  kind: string,
  storeUnderTest: () => StoreUnderTest,
  { largeBytes = LARGE_BYTES }: { largeBytes?: number } = {},
): void {
  describe(`${kind} is a store that`, () => {
    let store: ObjectStore
    let localFolder: string
    const at = (name: string) => `${storeUnderTest().folder}/${name}`
    const readStream = async (name: string, start: number, end: number) =>
      new Response(await store.stream(at(name), { range: { start, end } })).bytes()

    beforeAll(async () => {
      ;({ store } = storeUnderTest())
      localFolder = await mkdtemp(path.join(tmpdir(), 'store-conformance-'))
    })
    afterAll(() => rm(localFolder, { recursive: true }))

    test('returns what was written: whole, by range, as a stream, and its length', async () => {
      await store.writeNew(at('t/a.json'), encode('0123456789'))
      expect(decode(await store.read(at('t/a.json')))).toBe('0123456789')
      expect(decode(await store.read(at('t/a.json'), { range: { start: 2, end: 5 } }))).toBe('234')
      expect(decode(await store.read(at('t/a.json'), { range: { start: 0, end: 10 } }))).toBe('0123456789')
      expect(await store.read(at('t/a.json'), { range: { start: 3, end: 3 } })).toEqual(new Uint8Array(0))
      expect(decode(await readStream('t/a.json', 7, 10))).toBe('789')
      expect(decode(await readStream('t/a.json', 4, 4))).toBe('')
      expect(await store.sizeBytes(at('t/a.json'))).toBe(10)
      await store.writeNew(at('empty'), new Uint8Array(0))
      expect(await store.read(at('empty'))).toEqual(new Uint8Array(0))
      expect(await store.sizeBytes(at('empty'))).toBe(0)
    })

    test.each([
      'a b',
      'name=a%2Fb',
      'größe/数据',
      "it's(1)*!",
      'a+b&c=d;e',
      'a?b#c',
      '~x',
      'q:8080@h',
      '<&>"',
      'a=%25',
      'a&amp;b',
    ])('stores a file named %j under that name and no other', async (name) => {
      await store.writeNew(at(`names/${name}`), encode(`${name} is here`))
      expect(decode(await store.read(at(`names/${name}`)))).toBe(`${name} is here`)
      expect(decode(await store.read(at(`names/${name}`), { range: { start: 0, end: 1 } }))).toBe(name.slice(0, 1))
      const { dir, base } = path.posix.parse(`names/${name}`)
      expect(await store.listNames(at(dir), { limit: 99 })).toContain(base)
      await store.remove(at(`names/${name}`))
      await expect(store.sizeBytes(at(`names/${name}`))).rejects.toThrow(errorWithCode('file-missing'))
    })

    test('reports another version of a file once it was written again with as many bytes', async () => {
      await store.writeNew(at('versioned'), encode('first!'))
      const first = await store.readVersion(at('versioned'))
      expect(first).toEqual({ sizeBytes: 6, version: expect.any(String) })
      expect(await store.readVersion(at('versioned'))).toEqual(first)
      await store.remove(at('versioned'))
      await expect(store.readVersion(at('versioned'))).rejects.toThrow(errorWithCode('file-missing'))
      await store.writeNew(at('versioned'), encode('second'))
      const second = await store.readVersion(at('versioned'))
      expect(second.sizeBytes).toBe(6)
      expect(second.version).not.toBe(first.version)
    })

    test('never replaces a file, not even with the same bytes', async () => {
      await store.writeNew(at('taken'), encode('first'))
      await expect(store.writeNew(at('taken'), encode('second'))).rejects.toThrow(errorWithCode('already-exists'))
      await expect(store.writeNew(at('taken'), encode('first'))).rejects.toThrow(errorWithCode('already-exists'))
      expect(decode(await store.read(at('taken')))).toBe('first')
    })

    test('lets one of many writers create a name', async () => {
      const writes = Array.from({ length: 12 }, (_, i) => store.writeNew(at('race'), encode(`writer ${i}`)))
      const settled = await Promise.allSettled(writes)
      const won = settled.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))
      expect(won).toHaveLength(1)
      const lost = settled.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
      expect(lost).toEqual(Array(11).fill(errorWithCode('already-exists')))
      expect(decode(await store.read(at('race')))).toBe(`writer ${won[0]}`)
    })

    test('stores a finished local file, small or large, once', async () => {
      const file = path.join(localFolder, 'staged')
      for (const [name, content] of [
        ['small', randomBytes(1000)],
        ['large', randomBytes(largeBytes)],
      ] as const) {
        await writeFile(file, content)
        await store.importFile(file, at(`imported/${name}`))
        expect(existsSync(file)).toBe(false)
        expect(Buffer.compare(await store.read(at(`imported/${name}`)), content)).toBe(0)
        await writeFile(file, content)
        await expect(store.importFile(file, at(`imported/${name}`))).rejects.toThrow(errorWithCode('already-exists'))
        expect(existsSync(file)).toBe(true)
        const [start, end] = [500, content.length - 3]
        expect(Buffer.compare(await readStream(`imported/${name}`, start, end), content.subarray(start, end))).toBe(0)
      }
      expect((await store.listNames(at('imported'), { limit: 2 })).sort()).toEqual(['large', 'small'])
    })

    test('lists a folder a page at a time, with its folders and the sizes of its files', async () => {
      for (const name of ['browse/a', 'browse/b&c', 'browse/deep/d', 'browse/deep/er/e', 'browse/z', 'browse2/f']) {
        await store.writeNew(at(name), encode(name))
      }
      const folders: string[] = []
      const files: [string, number, boolean][] = []
      let pageToken: string | null = null
      let pageCount = 0
      do {
        const page: FolderPage = await store.listFolder(at('browse/'), { limit: 2, pageToken })
        expect(page.isMissing).toBe(false)
        folders.push(...page.folders)
        for (const { name, sizeBytes, modifiedAtMs } of page.files)
          files.push([name, sizeBytes, modifiedAtMs === null || modifiedAtMs > 0])
        pageToken = page.nextPageToken
        pageCount += 1
      } while (pageToken !== null)
      expect(folders).toEqual(['deep'])
      expect(files).toEqual([
        ['a', 8, true],
        ['b&c', 10, true],
        ['z', 8, true],
      ])
      expect(pageCount).toBe(2)
      const empty = { folders: [], files: [], nextPageToken: null, isMissing: true }
      expect(await store.listFolder(at('nothing'), { limit: 2, pageToken: null })).toEqual(empty)
      const { outside } = storeUnderTest()
      await expect(store.listFolder(outside, { limit: 2, pageToken: null })).rejects.toThrow(
        errorWithCode('location-refused'),
      )
    })

    test('reports a missing file, a range beyond the end, and a file that is too large', async () => {
      await store.writeNew(at('short'), encode('0123'))
      for (const read of [
        () => store.read(at('none')),
        () => store.read(at('none'), { range: { start: 0, end: 1 } }),
        () => store.sizeBytes(at('none')),
        () => readStream('none', 0, 1),
      ]) {
        await expect(read()).rejects.toThrow(errorWithCode('file-missing'))
      }
      for (const [start, end] of [
        [2, 9],
        [4, 5],
      ] as const) {
        await expect(store.read(at('short'), { range: { start, end } })).rejects.toThrow(errorWithCode('file-damaged'))
        await expect(readStream('short', start, end)).rejects.toThrow(errorWithCode('file-damaged'))
      }
      await expect(store.read(at('short'), { maxBytes: 3 })).rejects.toThrow(errorWithCode('too-large'))
      await expect(store.read(at('short'), { maxBytes: 3, range: { start: 0, end: 4 } })).rejects.toThrow(
        errorWithCode('too-large'),
      )
    })

    test('stops when it is aborted', async () => {
      const signal = AbortSignal.abort()
      await expect(store.read(at('short'), { signal })).rejects.toMatchObject({ name: 'AbortError' })
    })

    test('lists a folder, up to a limit', async () => {
      for (const name of ['files/a&b', 'files/c', 'files/deep/d', 'files2/e']) {
        await store.writeNew(at(name), encode('x'))
      }
      expect((await store.listNames(at('files'), { limit: 2 })).sort()).toEqual(['a&b', 'c'])
      expect((await store.listNames(at('files/'), { limit: 2 })).sort()).toEqual(['a&b', 'c'])
      await expect(store.listNames(at('files'), { limit: 1 })).rejects.toThrow(errorWithCode('too-large'))
      expect(await store.listNames(at('file'), { limit: 1 })).toEqual([])
      expect(await store.hasFiles(at('file'))).toBe(false)
      expect(await store.hasFiles(at('files'))).toBe(true)
    })

    test('removes a file, and may remove it twice', async () => {
      await store.writeNew(at('gone/x'), encode('x'))
      await store.remove(at('gone/x'))
      await store.remove(at('gone/x'))
      await expect(store.read(at('gone/x'))).rejects.toThrow(errorWithCode('file-missing'))
      expect(await store.hasFiles(at('gone'))).toBe(false)
    })

    test('accesses nothing outside its roots', async () => {
      const { outside, folder } = storeUnderTest()
      for (const location of [`${outside}/a`, `${folder}/../a`, `${folder}/%2e%2e/a`, 'https://example.com/a']) {
        const refusedCalls = [
          () => store.read(location),
          () => store.sizeBytes(location),
          () => store.readVersion(location),
          () => store.stream(location, { range: { start: 0, end: 1 } }),
          () => store.writeNew(location, encode('x')),
          () => store.importFile('/none', location),
          () => store.listNames(location, { limit: 1 }),
          () => store.hasFiles(location),
          () => store.remove(location),
        ]
        for (const refusedCall of refusedCalls)
          await expect(refusedCall()).rejects.toThrow(errorWithCode('location-refused'))
        expect(() => store.checkLocation(location)).toThrow(errorWithCode('location-refused'))
      }
      expect(() => store.checkLocation(at('t'))).not.toThrow()
    })
  })
}
