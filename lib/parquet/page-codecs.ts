import { DamagedParquet } from './errors'
import type { StoredCodec } from './footer'

/** The codecs that the caller provides, because `lib/parquet` runs without Node and without a browser. */
export type PageCodecs = Record<ProvidedCodec, DecompressPage> & {
  /** Loads the codecs that a file uses, before its pages are decompressed. Others are not called. */
  load?(codecs: ReadonlySet<StoredCodec>): Promise<void>
  /** A faster one than ours, as an unsigned number. */
  crc32?(bytes: Uint8Array): number
}

export type ProvidedCodec = 'gzip' | 'zstd' | 'brotli'

/**
 * Decompresses a page into exactly `lengthBytes` bytes. Frames of zstd and members of gzip may follow one another;
 * other bytes after the first stream are an error. Takes no more memory than `lengthBytes` and the codec's own window,
 * whatever the stream claims.
 *
 * @throws {DamagedParquet} or the codec's own error when `stored` is not valid or has another length
 */
export type DecompressPage = (stored: Uint8Array, lengthBytes: number) => Uint8Array

export function pageTooLongError(lengthBytes: number): DamagedParquet {
  return new DamagedParquet(`a page decompresses to more bytes than the ${lengthBytes} it claims`)
}

export function pageTooShortError(lengthBytes: number): DamagedParquet {
  return new DamagedParquet(`a page decompresses to fewer bytes than the ${lengthBytes} it claims`)
}

export function bytesAfterEndError(): DamagedParquet {
  return new DamagedParquet('a page has bytes after the end of its compressed data')
}
