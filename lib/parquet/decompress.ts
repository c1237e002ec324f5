import { DamagedParquet, UnsupportedParquet } from './errors'
import type { StoredCodec, UnknownCodec } from './footer'
import { decompressLz4, decompressLz4Raw } from './lz4'
import type { PageCodecs } from './page-codecs'
import { decompressSnappy } from './snappy'

/** How the pages of a column chunk are compressed. */
export type Compression = { codec: StoredCodec; codecs: PageCodecs }

/**
 * Decompresses a page into exactly `length` bytes, the length in the page header, which is checked against the budget
 * before. A stream with fewer or more bytes is an error; a page is never padded with zeros.
 *
 * @throws {DamagedParquet} when the bytes are not valid for the codec, {UnsupportedParquet} for LZO and unknown codecs
 */
export function decompress({ codec, codecs }: Compression, input: Uint8Array, length: number): Uint8Array {
  if (codec === 'uncompressed') {
    if (input.length !== length) throw new DamagedParquet(`a page has ${input.length} bytes but claims ${length}`)
    return input
  }
  if (codec === 'lzo') throw new UnsupportedParquet('it is compressed with LZO, which Lakeshore cannot read')
  if (isUnknownCodec(codec))
    throw new UnsupportedParquet(`it is compressed with the ${codec}, which Lakeshore cannot read`)
  // Some writers store an empty page as no bytes at all.
  if (length === 0 && input.length === 0) return input
  try {
    switch (codec) {
      case 'snappy':
        return decompressSnappy(input, length)
      case 'lz4':
        return decompressLz4(input, length)
      case 'lz4_raw':
        return decompressLz4Raw(input, length)
      default:
        return codecs[codec](input, length)
    }
  } catch (error) {
    if (error instanceof DamagedParquet) throw error
    throw new DamagedParquet(`a page is not valid ${codec}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function isUnknownCodec(codec: StoredCodec): codec is UnknownCodec {
  return codec.startsWith('codec ')
}
