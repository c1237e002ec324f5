import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { avroCodecs } from './avro-codecs'

/** One block of the same two records, written by fastavro 1.13 with each compression: count, size, then the bytes. */
const BLOCKS = {
  plain:
    'BMwBOGZpbGU6Ly8vdy90L21ldGFkYXRhL20wLmF2cm/CQwACmNai8pP+9dlUAAICYQAAAAAAAPg/ADhmaWxlOi8vL3cvdC9tZXRhZGF0YS/DqS5hdnJv4MUIAgL///////////8BAgYA',
  deflate:
    'BJoBs0jLzEm10tfXL9cv0c9NLUlMSSxJ1M810EssK8o/5MzANOPaok+T/329GcLAxJTIAAY/7BkssGo7vBKs7cFRDiam/zDAyMTGAAByxCg=',
  snappy:
    'BLABZtg4ZmlsZTovLy93L3QvbWV0YWRhdGEvbTAuYXZyb8JDAAKY1qLyk/712VQAAgJhAAAAAAAA+D8AVjcABMOpBTdE4MUIAgL///////////8BAgYAhoS1HA==',
  zstandard:
    'BKgBKLUv/SBmXQIA5AM4ZmlsZTovLy93L3QvbWV0YWRhdGEvbTAuYXZyb8JDAAKY1qLyk/712VQAAgJhAPg/AMOp4MUIAgL/AQIGAAQAOCrgwlrp+AXK',
}
const toBytes = (name: keyof typeof BLOCKS) => new Uint8Array(Buffer.from(BLOCKS[name], 'base64').subarray(3))
const plain = toBytes('plain')

describe.each(['deflate', 'snappy', 'zstandard'] as const)('A block compressed with %s', (codec) => {
  test('decompresses to the original bytes', () => {
    expect([...avroCodecs.decompress(codec, toBytes(codec), plain.length)]).toEqual([...plain])
  })

  test('takes no more memory than its bytes, however small it is', () => {
    const { buffer } = avroCodecs.decompress(codec, toBytes(codec), plain.length)
    expect(buffer.byteLength).toBe(plain.length)
  })

  test('is refused when it would decompress to more than the limit', () => {
    expect(() => avroCodecs.decompress(codec, toBytes(codec), plain.length - 1)).toThrow(RangeError)
    expect(() => avroCodecs.decompress(codec, toBytes(codec), 0)).toThrow(RangeError)
  })

  test('is refused when it is truncated', () => {
    expect(() => avroCodecs.decompress(codec, toBytes(codec).subarray(0, 20), 1000)).toThrow(Error)
    expect(() => avroCodecs.decompress(codec, new Uint8Array(), 1000)).toThrow(Error)
  })
})

describe('A snappy block', () => {
  test('is refused when its checksum or its length does not match its bytes', () => {
    const corrupted = toBytes('snappy')
    corrupted[corrupted.length - 1] = 0
    expect(() => avroCodecs.decompress('snappy', corrupted, 1000)).toThrow('checksum')
    const unterminated = new Uint8Array(20).fill(0x80)
    expect(() => avroCodecs.decompress('snappy', unterminated, 1000)).toThrow('no length')
  })

  test('is refused when a literal claims almost 4 GiB, at which a reader with signed lengths never ends', () => {
    const block = Uint8Array.of(5, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0)
    expect(() => avroCodecs.decompress('snappy', block, 1000)).toThrow('reaches beyond its bytes')
  })
})

test('Written blocks are raw deflate', () => {
  expect([...zlib.inflateRawSync(avroCodecs.deflate(plain))]).toEqual([...plain])
})
