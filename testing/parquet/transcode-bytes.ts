import type { ColumnLayout } from '@/server/parquet/transcode/column-layout'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import type { SecondThread } from '@/server/parquet/transcode/shared-chunks'
import { transcodeParquet } from '@/server/parquet/transcode/transcode'
import type { TranscodedFile, TranscodeOptions } from '@/server/parquet/transcode/transcoding'

/** Pages of at most seven rows. */
export const SMALL_PAGES: ColumnLayout = {
  codec: 'zstd',
  level: null,
  maxPageRows: 7,
  maxPageBytes: 1024 * 1024,
  dictionary: 'keep',
  statistics: 'page',
  bloomFilter: 'keep',
}

/** Transcodes a file in memory. */
export async function transcodeBytes(
  name: string,
  bytes: Uint8Array,
  layout: ColumnLayout,
  options: Partial<TranscodeOptions> & { secondThread?: SecondThread } = {},
): Promise<{ bytes: Uint8Array; file: TranscodedFile }> {
  const parts: Uint8Array[] = []
  const source = {
    name,
    byteLength: bytes.length,
    read: (start: number, end: number) => Promise.resolve(bytes.slice(start, end)),
  }
  const sink = {
    write: (part: Uint8Array) => {
      parts.push(part)
      return Promise.resolve()
    },
  }
  const file = await transcodeParquet(source, sink, {
    layout: { byFieldId: new Map(), fallback: layout },
    codecs: pageCodecs,
    compressors: pageCompressors,
    ...options,
  })
  return { bytes: new Uint8Array(Buffer.concat(parts)), file }
}
