import zlib from 'node:zlib'
import { expect, it } from 'vitest'
import { pageCompressors } from './page-compressors'

it('Pages of any few bytes are frames of zstd', async () => {
  for (let length = 0; length <= 80; length++) {
    const plain = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff)
    const frame = await pageCompressors.zstd(plain, null)
    expect([...zlib.zstdDecompressSync(frame)]).toEqual([...plain])
  }
})
