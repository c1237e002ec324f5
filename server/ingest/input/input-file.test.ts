import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { canMountDisk, mountSmallDisk } from '@/testing/faults/small-disk'
import { createTestHome } from '@/testing/homes/test-home'
import { toFileLocation } from '../run/ingest-spec'
import { openInput } from './input-file'
import { publishInput } from '../run/publish-input'

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
afterAll(() => s3.stop())

const { signal } = new AbortController()
const INPUT = 's3://lake/wh/inbox/rows.csv'
const BYTES = Buffer.from('id\n'.repeat(2 ** 20))
s3.objects.set('lake/wh/inbox/rows.csv', BYTES)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-input-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('An input', () => {
  it('in the warehouse is copied into the folder of the run, which says how far it is', async () => {
    const copied: number[] = []
    const onCopied = (bytes: number) => copied.push(bytes)
    const input = await openInput(home.services.stores, INPUT, { folder, signal, onCopied })
    const sha256 = createHash('sha256').update(BYTES).digest('hex')
    expect(input).toEqual({ path: path.join(folder, 'input'), sizeBytes: BYTES.length, sha256 })
    expect(readFileSync(input.path).equals(BYTES)).toBe(true)
    expect(copied).toEqual(copied.toSorted((a, b) => a - b))
    expect(copied.at(-1)).toBe(BYTES.length)
  })

  it('on this machine is read in place, whatever its name', async () => {
    for (const name of ['a b%20#?.csv', 'back\\slash.csv', '[x]*.csv']) {
      const file = path.join(folder, name)
      writeFileSync(file, 'id\n')
      expect(await openInput(home.services.stores, toFileLocation(file), { folder, signal })).toEqual({
        path: file,
        sizeBytes: 3,
      })
    }
  })

  it.each([
    ['that is not there', 's3://lake/wh/inbox/none.csv', 'file-missing'],
    ['outside the warehouse', 's3://lake/other/rows.csv', 'location-refused'],
    ['in another store', 'gs://lake/wh/rows.csv', 'location-refused'],
    ['through another path out of the warehouse', 's3://lake/wh/../other/rows.csv', 'location-refused'],
  ])('%s is refused', async (_what, location, code) => {
    await expect(openInput(home.services.stores, location, { folder, signal })).rejects.toMatchObject({ code })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('An input of ours', () => {
  it('is stored where workers on other machines find it, and removed again', async () => {
    const file = path.join(folder, 'ours.csv')
    writeFileSync(file, 'id\n1\n')
    expect((await publishInput(home.services, file)).location).toBe(toFileLocation(file))
    Object.assign(home.config, { hasSharedFiles: false })
    const { location, discard } = await publishInput(home.services, file)
    expect(location).toMatch(/^s3:\/\/lake\/wh\/\.lakeshore\/inputs\/\w{26}\/ours\.csv$/)
    expect(existsSync(file)).toBe(false)
    const input = await openInput(home.services.stores, location, { folder, signal })
    expect(readFileSync(input.path, 'utf8')).toBe('id\n1\n')
    await discard()
    await expect(openInput(home.services.stores, location, { folder, signal })).rejects.toMatchObject({
      code: 'file-missing',
    })
  })
})

describe.skipIf(!canMountDisk())('An input (skipped where no file system can be mounted)', () => {
  it('that does not fit on the disk is refused before any byte is copied', async () => {
    const disk = mountSmallDisk(4)
    if (disk === null) throw new Error('it could be mounted a moment ago')
    try {
      disk.fill(BYTES.length - 2 ** 16)
      const seen = s3.received.length
      const opening = openInput(home.services.stores, INPUT, { folder: disk.folder, signal })
      await expect(opening).rejects.toMatchObject({ code: 'storage-full', facts: { sizeBytes: BYTES.length } })
      expect(s3.received.slice(seen).map(({ method }) => method)).toEqual(['HEAD'])
      disk.freeSpace()
      expect((await openInput(home.services.stores, INPUT, { folder: disk.folder, signal })).sizeBytes).toBe(
        BYTES.length,
      )
    } finally {
      disk.remove()
    }
  })
})
