import { createHash } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { FileChunks } from './file-chunks'
import { BEGINNING_BYTES, CHUNK_BYTES, FIRST_CHUNK_BYTES } from './page-upload'

const FILE = new Blob([Uint8Array.from({ length: BEGINNING_BYTES + CHUNK_BYTES + 7 }, (_, i) => (i * 31) % 251)])

it('A file is sent in chunks with the checksum of each, the first two as much as a preview reads', async () => {
  const stored: number[] = []
  const chunks = new FileChunks(FILE, async (storedBytes) => void stored.push(storedBytes))
  const source = await chunks.reader.openFile(FILE, 1)
  const sent: Uint8Array[] = []
  for (let start = 0, isDone = false; !isDone; ) {
    const { value, done } = await source.slice(start, Number.NaN)
    const bytes = new Uint8Array(await (value as Blob).arrayBuffer())
    expect(chunks.checksumOf(value)).toBe(createHash('sha256').update(bytes).digest('base64'))
    sent.push(bytes)
    start += (value as Blob).size
    isDone = done
  }
  expect(sent.map(({ byteLength }) => byteLength)).toEqual([
    FIRST_CHUNK_BYTES,
    BEGINNING_BYTES - FIRST_CHUNK_BYTES,
    CHUNK_BYTES,
    7,
  ])
  expect(Buffer.concat(sent).equals(Buffer.from(await FILE.arrayBuffer()))).toBe(true)
  expect(stored).toEqual([0, FIRST_CHUNK_BYTES, BEGINNING_BYTES, BEGINNING_BYTES + CHUNK_BYTES])
  expect(chunks.checksumOf(null)).toBeNull()
})

it('The next chunk is read while one is sent; an upload that goes on at another byte reads that one', async () => {
  const slice = vi.spyOn(FILE, 'slice')
  const source = await new FileChunks(FILE, async () => {}).reader.openFile(FILE, 1)
  const startsOfReads = () => slice.mock.calls.map(([start]) => start)
  await source.slice(0, Number.NaN)
  expect(startsOfReads()).toEqual([0, FIRST_CHUNK_BYTES])
  const { value, done } = await source.slice(FILE.size - 3, Number.NaN)
  expect([(value as Blob).size, done]).toEqual([3, true])
  expect(startsOfReads()).toEqual([0, FIRST_CHUNK_BYTES, FILE.size - 3])
})

it('A file that the browser cannot read any longer says so when its chunk is due', async () => {
  const changed = { size: 2 * FIRST_CHUNK_BYTES, slice: vi.fn<Blob['slice']>() }
  changed.slice.mockReturnValueOnce(new Blob(['a']))
  changed.slice.mockReturnValue({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) } as Blob)
  const source = await new FileChunks(changed as unknown as Blob, async () => {}).reader.openFile({}, 1)
  await source.slice(0, Number.NaN)
  await expect(source.slice(FIRST_CHUNK_BYTES, Number.NaN)).rejects.toMatchObject({ code: 'file-damaged' })
})
