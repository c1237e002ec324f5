import { describe, expect, it } from 'vitest'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { readPuffinFooter } from './puffin'

const magic = [...new TextEncoder().encode('PFA1')]
const int32 = (value: number) => [...new Uint8Array(Int32Array.of(value).buffer)]

/** A Puffin file by the specification: magic, blobs, magic, payload, its size, flags, magic. */
function puffinFile(payload: string, { blobBytes = 40, flags = 0, claimed = payload.length } = {}): Uint8Array {
  const text = [...new TextEncoder().encode(payload)]
  return Uint8Array.from([
    ...magic,
    ...new Uint8Array(blobBytes),
    ...magic,
    ...text,
    ...int32(claimed),
    ...int32(flags),
    ...magic,
  ])
}

const VECTOR =
  '{"type":"deletion-vector-v1","fields":[],"snapshot-id":-1,"sequence-number":-1,"offset":4,"length":40,' +
  '"properties":{"referenced-data-file":"s3://b/a.parquet","cardinality":"3"}}'
const SKETCH =
  '{"type":"apache-datasketches-theta-v1","fields":[1],"snapshot-id":9007199254740993,"sequence-number":7,' +
  '"offset":4,"length":8,"compression-codec":"zstd"}'
const read = (bytes: Uint8Array) => readPuffinFooter(sourceOf(bytes, 'f.puffin'))

describe('The footer of a Puffin file', () => {
  it('lists its blobs, with ids in full', async () => {
    const { blobs, properties } = await read(
      puffinFile(`{"blobs":[${VECTOR},${SKETCH}],"properties":{"created-by":"x"}}`),
    )
    expect(properties).toEqual({ 'created-by': 'x' })
    expect(blobs).toEqual([
      {
        type: 'deletion-vector-v1',
        fields: [],
        snapshotId: '-1',
        sequenceNumber: '-1',
        offset: 4,
        lengthBytes: 40,
        codec: null,
        properties: { 'referenced-data-file': 's3://b/a.parquet', cardinality: '3' },
      },
      {
        type: 'apache-datasketches-theta-v1',
        fields: [1],
        snapshotId: '9007199254740993',
        sequenceNumber: '7',
        offset: 4,
        lengthBytes: 8,
        codec: 'zstd',
        properties: {},
      },
    ])
  })

  it.each<[string, Uint8Array, string]>([
    ['is too short', Uint8Array.from([...magic, ...magic]), 'file-damaged'],
    ['has another magic', puffinFile('{"blobs":[]}').fill(0, -4), 'file-damaged'],
    ['claims a longer footer', puffinFile('{"blobs":[]}', { claimed: 9_999 }), 'file-damaged'],
    ['has another magic before its footer', puffinFile('{"blobs":[]}').fill(0, 44, 48), 'file-damaged'],
    ['claims a shorter footer', puffinFile('{"blobs":[]}', { claimed: 3 }), 'file-damaged'],
    ['has a compressed footer', puffinFile('{"blobs":[]}', { flags: 1 }), 'not-supported'],
    ['has unknown flags', puffinFile('{"blobs":[]}', { flags: 4 }), 'not-supported'],
    ['has no JSON', puffinFile('{'), 'file-damaged'],
    ['has no list of blobs', puffinFile('{}'), 'file-damaged'],
    ['has a blob that is not an object', puffinFile('{"blobs":[1]}'), 'file-damaged'],
    ['has a blob without a type', puffinFile('{"blobs":[{"offset":4,"length":1}]}'), 'file-damaged'],
    ['has a blob without a length', puffinFile('{"blobs":[{"type":"t","offset":4}]}'), 'file-damaged'],
    ['has a blob in its footer', puffinFile('{"blobs":[{"type":"t","offset":4,"length":99}]}'), 'file-damaged'],
  ])('is refused when the file %s', async (_, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code })
  })

  it('is refused when it is too large', async () => {
    const length = 40 * 1024 * 1024
    const trailer = Uint8Array.from([...int32(20 * 1024 * 1024), ...int32(0), ...magic])
    const source = { name: 'f', byteLength: length, read: async () => trailer }
    await expect(readPuffinFooter(source)).rejects.toMatchObject({ code: 'too-large' })
  })
})
