import 'server-only'
import { closeSync, openSync, writeSync } from 'node:fs'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { RowCutter, type RowRange } from '@/server/parquet/cut/row-cutter'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { writeContents } from '@/server/parquet/transcode/transcode'
import { type EncodedFile, type EncodeSettings, FileEncoding } from './file-encoding'

/**
 * Writes ranges of rows of one file into small files, each with one row group. A file is in memory until it is complete,
 * so that many of them take one write each.
 */
export class RowsEncoder {
  readonly #cutter: RowCutter
  readonly #encoding: FileEncoding

  constructor(cutter: RowCutter, settings: EncodeSettings) {
    this.#cutter = cutter
    this.#encoding = new FileEncoding(settings)
  }

  /** Whether the rows can be in memory. */
  canEncode(range: RowRange): boolean {
    return this.#cutter.canCut(range)
  }

  /**
   * @param range after those of all calls before
   * @param to a new file
   * @returns null, and no file, if it would be larger than `maxFileBytes`
   */
  async encode(range: RowRange, to: string, maxFileBytes: number): Promise<EncodedFile | null> {
    const contents = await this.#cutter.cut(range)
    const parts: Uint8Array[] = []
    const sink = { write: async (bytes: Uint8Array) => void parts.push(bytes) }
    const file = await this.#encoding.encode((options) => writeContents(contents, sink, options))
    if (file.fileSizeBytes > maxFileBytes) return null
    writeNewFile(to, Buffer.concat(parts))
    return file
  }
}

/** Runs while the file is open. */
export async function withRowsEncoder<T>(
  file: string,
  settings: EncodeSettings,
  work: (encoder: RowsEncoder) => Promise<T>,
): Promise<T> {
  return await withFileSource(file, async (source) =>
    work(new RowsEncoder(await RowCutter.open(source, pageCodecs), settings)),
  )
}

/** Through the pool of threads, opening, writing and closing thousands of small files takes several times as long. */
function writeNewFile(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'wx')
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
  } finally {
    closeSync(descriptor)
  }
}
