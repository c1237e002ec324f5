import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, s3ServerProgram, startS3Server } from '@/scripts/s3-server'
import type { ObjectStore } from '../object-store'
import { s3Store } from './s3-store'

let server: S3Server | null = null
let store: ObjectStore
let folder: string

const at = (name: string) => `s3://lake/wh/${name}`
const bytes = (of: string) => new TextEncoder().encode(of)
const text = (of: Uint8Array) => new TextDecoder().decode(of)
const code = (expected: string) => expect.objectContaining({ code: expected })

describe.skipIf(s3ServerProgram() === null)('A real store', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 's3-interop-'))
    server = await startS3Server()
    if (server)
      store = s3Store(server.access, { firstPauseMs: 1, partBytes: 5 * 1024 * 1024, largestWholeBytes: 1024 * 1024 })
  })
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true })
  })

  test('keeps what is written, whatever it is named', async () => {
    for (const name of [
      't/a.json',
      'a b',
      'name=a%2Fb',
      'größe/数据',
      "it's(1)*!",
      'a+b&c=d;e',
      'a?b#c',
      '~x',
      'q:8080@h',
    ]) {
      await store.writeNew(at(name), bytes(`${name} is here`))
      expect(text(await store.read(at(name)))).toBe(`${name} is here`)
      expect(await store.sizeBytes(at(name))).toBe(bytes(`${name} is here`).length)
      expect(text(await store.read(at(name), { range: { start: 0, end: 1 } }))).toBe(name.slice(0, 1))
    }
    await store.writeNew(at('empty'), new Uint8Array(0))
    expect(await store.read(at('empty'))).toEqual(new Uint8Array(0))
  })

  test('lets one of many writers have a name', async () => {
    const writes = Array.from({ length: 12 }, (_, i) => store.writeNew(at('race'), bytes(`writer ${i}`)))
    const settled = await Promise.allSettled(writes)
    const won = settled.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))
    expect(won).toHaveLength(1)
    const lost = settled.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    expect(lost).toEqual(Array(11).fill(code('already-exists')))
    expect(text(await store.read(at('race')))).toBe(`writer ${won[0]}`)
  })

  test('takes a large file in parts, once', async () => {
    const content = randomBytes(12 * 1024 * 1024 + 7)
    const file = path.join(folder, 'staged')
    await writeFile(file, content)
    await store.importFile(file, at('large'))
    expect(Buffer.compare(await store.read(at('large')), content)).toBe(0)
    const range = { start: 5_000_000, end: 6_000_000 }
    const stream = await store.stream(at('large'), { range })
    expect(Buffer.compare(await new Response(stream).bytes(), content.subarray(range.start, range.end))).toBe(0)
    await writeFile(file, content)
    await expect(store.importFile(file, at('large'))).rejects.toThrow(code('already-exists'))
  })

  test('says what is not there, not allowed or beyond the end', async () => {
    await store.writeNew(at('short'), bytes('0123'))
    await expect(store.read(at('none'))).rejects.toThrow(code('file-missing'))
    await expect(store.sizeBytes(at('none'))).rejects.toThrow(code('file-missing'))
    for (const range of [
      { start: 2, end: 9 },
      { start: 4, end: 5 },
    ]) {
      await expect(store.read(at('short'), { range })).rejects.toThrow(code('file-damaged'))
    }
    if (!server) return
    const elsewhere = s3Store({ ...server.access, roots: ['s3://nowhere'] })
    await expect(elsewhere.read('s3://nowhere/a')).rejects.toThrow('nowhere')
    const keys = { kind: 'keys' as const, accessKeyId: server.accessKeyId, secretAccessKey: 'wrong' }
    for (const credentials of [keys, { ...keys, accessKeyId: 'wrong' }, { kind: 'anonymous' as const }]) {
      await expect(s3Store({ ...server.access, credentials }).read(at('short'))).rejects.toThrow(code('forbidden'))
    }
  })

  test('tells whether a folder has files', async () => {
    expect(await store.hasFiles(at('f'))).toBe(false)
    await store.writeNew(at('files/a&b'), bytes('x'))
    expect(await store.hasFiles(at('f'))).toBe(false)
    expect(await store.hasFiles(at('files'))).toBe(true)
    await store.remove(at('files/a&b'))
    await store.remove(at('files/a&b'))
    expect(await store.hasFiles(at('files'))).toBe(false)
  })
})
