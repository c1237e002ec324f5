import { execFileSync } from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import { createServer, type Server } from 'node:net'
import fs, { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ObjectStore } from '../object-store'
import { localStore } from './local-store'

const fails = { links: [] as string[], write: null as string | null, sync: [] as string[], taken: 0 }

const { link, open, rmdir } = fs
const refusal = (code: string) => Object.assign(new Error(`${code}: injected`), { code })
vi.spyOn(fs, 'link').mockImplementation(async (from, to) => {
  const code = fails.links.shift()
  if (code) throw refusal(code)
  return link(from, to)
})
vi.spyOn(fs, 'open').mockImplementation(async (file, ...rest) => {
  if (rest[0] === 'wx' && fails.taken > 0) {
    fails.taken -= 1
    await rmdir(path.dirname(String(file)))
  }
  const handle = await open(file, ...rest)
  const sync = handle.sync.bind(handle)
  handle.sync = async () => {
    fails.sync.push(path.basename(String(file)))
    return sync()
  }
  if (fails.write && rest[0] === 'wx') {
    const code = fails.write
    handle.writeFile = async () => {
      await handle.write(Buffer.from('half'))
      throw refusal(code)
    }
  }
  return handle
})
syncBuiltinESMExports()

let folder: string
let warehouse: string
let store: ObjectStore

beforeEach(async () => {
  Object.assign(fails, { links: [], write: null, sync: [], taken: 0 })
  folder = await mkdtemp(path.join(tmpdir(), 'store-'))
  await mkdir(path.join(folder, 'warehouse'))
  warehouse = `file://${folder}/warehouse`
  store = localStore([warehouse])
})
afterEach(() => rm(folder, { recursive: true }))

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const encode = (of: string) => new TextEncoder().encode(of)
const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })

describe('A new file', () => {
  test('is read back completely, by range and as a stream', async () => {
    const location = `${warehouse}/ns/t/metadata/a b%2F.json`
    await store.writeNew(location, encode('0123456789'))
    expect(decode(await store.read(location))).toBe('0123456789')
    expect(decode(await store.read(location, { range: { start: 2, end: 5 } }))).toBe('234')
    expect(await store.sizeBytes(location)).toBe(10)
    const stream = await store.stream(location, { range: { start: 7, end: 10 } })
    expect(await new Response(stream).text()).toBe('789')
  })

  test('is fsynced with every folder that was created for it, and leaves no draft', async () => {
    await store.writeNew(`${warehouse}/ns/t/a.json`, encode('x'))
    expect(fails.sync).toEqual(['warehouse', 'ns', expect.stringMatching(/^\.a\.json\..*\.tmp$/), 't'])
    expect(await readdir(path.join(folder, 'warehouse/ns/t'))).toEqual(['a.json'])
  })

  test('never replaces another', async () => {
    await store.writeNew(`${warehouse}/a`, encode('first'))
    await expect(store.writeNew(`${warehouse}/a`, encode('second'))).rejects.toThrow(errorWithCode('already-exists'))
    expect(decode(await store.read(`${warehouse}/a`))).toBe('first')
    expect(await readdir(path.join(folder, 'warehouse'))).toEqual(['a'])
  })

  test.each(['ENOSPC', 'EDQUOT'])(
    'that does not fit (%s) is reported as storage-full and leaves nothing',
    async (errno) => {
      fails.write = errno
      await expect(store.writeNew(`${warehouse}/a`, encode('whole'))).rejects.toThrow(errorWithCode('storage-full'))
      expect(await readdir(path.join(folder, 'warehouse'))).toEqual([])
    },
  )

  test('is written without replacing anything when the file system has no hard links', async () => {
    fails.links = ['EPERM', 'EPERM']
    await store.writeNew(`${warehouse}/a`, encode('first'))
    await expect(store.writeNew(`${warehouse}/a`, encode('second'))).rejects.toThrow(errorWithCode('already-exists'))
    expect(decode(await store.read(`${warehouse}/a`))).toBe('first')
  })

  test('creates the warehouse when it does not exist yet', async () => {
    await rm(path.join(folder, 'warehouse'), { recursive: true })
    await store.writeNew(`${warehouse}/a`, encode('x'))
    expect(decode(await store.read(`${warehouse}/a`))).toBe('x')
  })

  test('with a name too long for the file system is reported as invalid-request', async () => {
    const location = `${warehouse}/${'x'.repeat(300)}`
    await expect(store.writeNew(location, encode('x'))).rejects.toThrow(errorWithCode('invalid-request'))
    // No file can exist under such a name, so there is nothing to remove, not even in a folder of such a name.
    await store.remove(location)
    await store.remove(`${location}/a.parquet`)
  })
})

describe('A finished local file', () => {
  test('is moved into the warehouse', async () => {
    await writeFile(path.join(folder, 'staged'), 'rows')
    await store.importFile(path.join(folder, 'staged'), `${warehouse}/t/data/x.parquet`)
    expect(decode(await store.read(`${warehouse}/t/data/x.parquet`))).toBe('rows')
    expect(await readdir(folder)).toEqual(['warehouse'])
  })

  test('is copied from another file system', async () => {
    await writeFile(path.join(folder, 'staged'), 'rows')
    // Only the link from the other file system fails, not the link of the copy.
    fails.links = ['EXDEV']
    await store.importFile(path.join(folder, 'staged'), `${warehouse}/x.parquet`)
    expect(await readdir(path.join(folder, 'warehouse'))).toEqual(['x.parquet'])
    expect(await readdir(folder)).toEqual(['warehouse'])
  })

  test('stays where it is when its target is taken', async () => {
    await writeFile(path.join(folder, 'staged'), 'rows')
    await store.writeNew(`${warehouse}/x`, encode('there'))
    await expect(store.importFile(path.join(folder, 'staged'), `${warehouse}/x`)).rejects.toThrow(
      errorWithCode('already-exists'),
    )
    expect(await readFile(path.join(folder, 'staged'), 'utf8')).toBe('rows')
  })
})

describe('Reading', () => {
  test('a missing file is reported as file-missing', async () => {
    for (const location of [`${warehouse}/none`, `${warehouse}/none/none`, warehouse]) {
      await expect(store.read(location)).rejects.toThrow(errorWithCode('file-missing'))
      await expect(store.sizeBytes(location)).rejects.toThrow(errorWithCode('file-missing'))
    }
  })

  describe('anything that is not a file', () => {
    const waiting: Server[] = []
    afterEach(() => waiting.splice(0).forEach((server) => server.close()))

    test.each([
      ['a pipe', (at: string) => void execFileSync('mkfifo', [at])],
      ['a folder', (at: string) => mkdir(at)],
      [
        'a socket',
        async (at: string) => {
          const server = createServer()
          await new Promise<void>((resolve) => server.listen(at, resolve))
          waiting.push(server)
        },
      ],
    ])('is refused with a message and without blocking: %s', async (what, make) => {
      await store.writeNew(`${warehouse}/file`, encode('x'))
      await make(path.join(folder, 'warehouse/odd'))
      const location = `${warehouse}/odd`
      const refusal = { code: 'file-missing', message: expect.stringContaining(what), facts: { location } }
      // More reads than there are threads for files.
      const reads = Array.from({ length: 8 }, () => store.read(location).catch((error: unknown) => error))
      expect(decode(await store.read(`${warehouse}/file`))).toBe('x')
      for (const error of await Promise.all(reads)) expect(error).toMatchObject(refusal)
      await expect(store.sizeBytes(location)).rejects.toMatchObject(refusal)
      await expect(store.stream(location, { range: { start: 0, end: 1 } })).rejects.toMatchObject(refusal)
      await expect(store.writeNew(location, encode('x'))).rejects.toThrow(errorWithCode('already-exists'))
    })

    test('is refused when it is a device', async () => {
      const devices = localStore(['file:///dev'])
      await expect(devices.read('file:///dev/zero')).rejects.toThrow('There is a device at this location, not a file.')
    })

    test('cannot be used as a folder to write in', async () => {
      execFileSync('mkfifo', [path.join(folder, 'warehouse/odd')])
      await expect(store.writeNew(`${warehouse}/odd/a`, encode('x'))).rejects.toThrow(errorWithCode('file-missing'))
      expect(await store.listNames(`${warehouse}/odd`, { limit: 1 })).toEqual([])
    })
  })

  test('a file that ends too early is damaged, never read as a shorter one', async () => {
    await store.writeNew(`${warehouse}/a`, encode('0123'))
    const range = { start: 2, end: 9 }
    await expect(store.read(`${warehouse}/a`, { range })).rejects.toThrow(errorWithCode('file-damaged'))
    const stream = await store.stream(`${warehouse}/a`, { range })
    await expect(new Response(stream).text()).rejects.toThrow(errorWithCode('file-damaged'))
  })

  test('more than the caller allows is reported as too-large before a byte is read', async () => {
    await store.writeNew(`${warehouse}/a`, encode('0123'))
    await expect(store.read(`${warehouse}/a`, { maxBytes: 3 })).rejects.toThrow(errorWithCode('too-large'))
  })

  test('a large file streams in chunks, and stops when the reader leaves or the request is aborted', async () => {
    const large = new Uint8Array(700_000).map((_, i) => i % 251)
    await store.writeNew(`${warehouse}/large`, large)
    const range = { start: 0, end: large.length }
    const whole = await store.stream(`${warehouse}/large`, { range })
    expect(new Uint8Array(await new Response(whole).arrayBuffer())).toEqual(large)
    const left = await store.stream(`${warehouse}/large`, { range })
    await left.cancel()
    const aborted = await store.stream(`${warehouse}/large`, { range, signal: AbortSignal.abort() }).catch((e) => e)
    expect(aborted).toMatchObject({ name: 'AbortError' })
    const controller = new AbortController()
    const reader = (await store.stream(`${warehouse}/large`, { range, signal: controller.signal })).getReader()
    await reader.read()
    controller.abort()
    await expect(reader.read().then(() => reader.read())).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('Outside the warehouse, nothing', () => {
  beforeEach(async () => {
    await mkdir(path.join(folder, 'secrets'))
    await writeFile(path.join(folder, 'secrets/key'), 'secret')
  })

  test('is reached by a symlink to a file or a folder', async () => {
    await symlink(path.join(folder, 'secrets/key'), path.join(folder, 'warehouse/file'))
    await symlink(path.join(folder, 'secrets'), path.join(folder, 'warehouse/folder'))
    for (const location of [`${warehouse}/file`, `${warehouse}/folder/key`]) {
      await expect(store.read(location)).rejects.toThrow(errorWithCode('location-refused'))
      await expect(store.sizeBytes(location)).rejects.toThrow(errorWithCode('location-refused'))
      await expect(store.stream(location, { range: { start: 0, end: 1 } })).rejects.toThrow(
        errorWithCode('location-refused'),
      )
    }
    await expect(store.writeNew(`${warehouse}/folder/new`, encode('x'))).rejects.toThrow(
      errorWithCode('location-refused'),
    )
    await expect(store.writeNew(`${warehouse}/folder/deep/new`, encode('x'))).rejects.toThrow(
      errorWithCode('location-refused'),
    )
    await expect(store.remove(`${warehouse}/folder/key`)).rejects.toThrow(errorWithCode('location-refused'))
    await expect(store.hasFiles(`${warehouse}/folder`)).rejects.toThrow(errorWithCode('location-refused'))
    expect(await readdir(path.join(folder, 'secrets'))).toEqual(['key'])
  })

  test('is reached by a location', async () => {
    const outside = `file://${folder}/secrets/key`
    await expect(store.read(outside)).rejects.toThrow(errorWithCode('location-refused'))
    await expect(store.writeNew(`${warehouse}/../secrets/new`, encode('x'))).rejects.toThrow(
      errorWithCode('location-refused'),
    )
    await expect(store.importFile(path.join(folder, 'secrets/key'), outside)).rejects.toThrow(
      errorWithCode('location-refused'),
    )
    await expect(store.remove(outside)).rejects.toThrow(errorWithCode('location-refused'))
    await expect(store.hasFiles(outside)).rejects.toThrow(errorWithCode('location-refused'))
    expect(() => store.checkLocation(outside)).toThrow(errorWithCode('location-refused'))
    expect(() => store.checkLocation(`${warehouse}/t`)).not.toThrow()
    expect(await readFile(path.join(folder, 'secrets/key'), 'utf8')).toBe('secret')
  })

  test('but symlinks inside the warehouse are followed', async () => {
    await store.writeNew(`${warehouse}/a`, encode('x'))
    await symlink(path.join(folder, 'warehouse/a'), path.join(folder, 'warehouse/b'))
    expect(decode(await store.read(`${warehouse}/b`))).toBe('x')
  })
})

describe('A folder', () => {
  test('lists the names of the files directly in it, up to a limit', async () => {
    await store.writeNew(`${warehouse}/t/b`, encode('x'))
    await store.writeNew(`${warehouse}/t/a`, encode('x'))
    await store.writeNew(`${warehouse}/t/deep/c`, encode('x'))
    expect((await store.listNames(`${warehouse}/t`, { limit: 2 })).sort()).toEqual(['a', 'b'])
    await expect(store.listNames(`${warehouse}/t`, { limit: 1 })).rejects.toThrow(errorWithCode('too-large'))
    expect(await store.listNames(`${warehouse}/none`, { limit: 1 })).toEqual([])
    expect(await store.listNames(`${warehouse}/t/a`, { limit: 1 })).toEqual([])
    await expect(store.listNames(`file://${folder}`, { limit: 1 })).rejects.toThrow(errorWithCode('location-refused'))
  })

  test('has files when anything is below it', async () => {
    expect(await store.hasFiles(`${warehouse}/t`)).toBe(false)
    await mkdir(path.join(folder, 'warehouse/t'))
    expect(await store.hasFiles(`${warehouse}/t`)).toBe(false)
    await store.writeNew(`${warehouse}/t/metadata/a`, encode('x'))
    expect(await store.hasFiles(`${warehouse}/t`)).toBe(true)
    expect(await store.hasFiles(`${warehouse}/t/metadata/a`)).toBe(true)
  })

  test('that is empty is removed; a root, a file and a folder with entries stay', async () => {
    await store.writeNew(`${warehouse}/t/data/x`, encode('x'))
    expect(await store.removeEmptyFolder(`${warehouse}/t/data`)).toBe(false)
    expect(await store.removeEmptyFolder(`${warehouse}/t/data/x`)).toBe(false)
    await store.remove(`${warehouse}/t/data/x`)
    expect(await store.removeEmptyFolder(`${warehouse}/t`)).toBe(false)
    expect(await store.removeEmptyFolder(`${warehouse}/t/data/`)).toBe(true)
    expect(await store.removeEmptyFolder(`${warehouse}/t/data`)).toBe(true)
    expect(await store.removeEmptyFolder(`${warehouse}/t`)).toBe(true)
    expect(await store.removeEmptyFolder(warehouse)).toBe(false)
    await expect(store.removeEmptyFolder(`file://${folder}`)).rejects.toThrow(errorWithCode('location-refused'))
    expect(await readdir(folder)).toEqual(['warehouse'])
  })

  test('is not removed when it is a link or behind one, unless the warehouse itself is a link', async () => {
    await mkdir(path.join(folder, 'warehouse/t/empty'), { recursive: true })
    await symlink(path.join(folder, 'warehouse/t'), path.join(folder, 'warehouse/linked'))
    await symlink(path.join(folder, 'warehouse/t/empty'), path.join(folder, 'warehouse/to-empty'))
    expect(await store.removeEmptyFolder(`${warehouse}/linked/empty`)).toBe(false)
    expect(await store.removeEmptyFolder(`${warehouse}/to-empty`)).toBe(false)
    expect((await readdir(path.join(folder, 'warehouse'))).sort()).toEqual(['linked', 't', 'to-empty'])
    expect(await readdir(path.join(folder, 'warehouse/t'))).toEqual(['empty'])
    await symlink(path.join(folder, 'warehouse'), path.join(folder, 'by-link'))
    const byLink = localStore([`file://${folder}/by-link`])
    expect(await byLink.removeEmptyFolder(`file://${folder}/by-link/t/empty`)).toBe(true)
  })

  test('that is removed before it has a file is created again', async () => {
    fails.taken = 2
    await store.writeNew(`${warehouse}/t/data/a`, encode('x'))
    expect(decode(await store.read(`${warehouse}/t/data/a`))).toBe('x')
    fails.taken = 100
    await expect(store.writeNew(`${warehouse}/u/a`, encode('x'))).rejects.toThrow(errorWithCode('file-missing'))
  })

  test('can have the same file removed twice', async () => {
    await store.writeNew(`${warehouse}/a`, encode('x'))
    await store.remove(`${warehouse}/a`)
    await store.remove(`${warehouse}/a`)
    await store.remove(`${warehouse}/none/a`)
    expect(await readdir(path.join(folder, 'warehouse'))).toEqual([])
  })
})
