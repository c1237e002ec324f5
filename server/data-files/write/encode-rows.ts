import 'server-only'
import { writeFile } from 'node:fs/promises'
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
  readonly #files: NewFiles

  constructor(cutter: RowCutter, settings: EncodeSettings, files: NewFiles) {
    this.#cutter = cutter
    this.#files = files
    this.#encoding = new FileEncoding(settings)
  }

  /** Whether the rows can be in memory. */
  canEncode(range: RowRange): boolean {
    return this.#cutter.canCut(range)
  }

  /**
   * @param range after those of all calls before
   * @param to a new file, which is complete when {@link withRowsEncoder} ends
   * @returns null, and no file, if it would be larger than `maxFileBytes`
   */
  async encode(range: RowRange, to: string, maxFileBytes: number): Promise<EncodedFile | null> {
    const contents = await this.#cutter.cut(range)
    const parts: Uint8Array[] = []
    const sink = { write: async (bytes: Uint8Array) => void parts.push(bytes) }
    const file = await this.#encoding.encode((options) => writeContents(contents, sink, options))
    if (file.fileSizeBytes > maxFileBytes) return null
    await this.#files.write(to, Buffer.concat(parts))
    return file
  }
}

/** Runs while the file is open, and until all files are written. */
export async function withRowsEncoder<T>(
  file: string,
  settings: EncodeSettings,
  work: (encoder: RowsEncoder) => Promise<T>,
): Promise<T> {
  return await withFileSource(file, async (source) => {
    const files = new NewFiles()
    try {
      const result = await work(new RowsEncoder(await RowCutter.open(source, pageCodecs), settings, files))
      await files.drain()
      return result
    } finally {
      await files.settle()
    }
  })
}

/** As many as Node's pool has threads. */
const MAX_WRITING_FILES = 4

/** Writes a few files at a time while the next ones are encoded: some file systems take longer to create a file than to write it. */
class NewFiles {
  readonly #writing = new Set<Promise<void>>()

  /** Waits until there is room. @throws the error of this file or of another one */
  async write(file: string, bytes: Uint8Array): Promise<void> {
    const written = writeFile(file, bytes, { flag: 'wx' })
    this.#writing.add(written)
    const end = () => this.#writing.delete(written)
    // A failed one stays, for those who wait.
    written.then(end, () => {})
    while (this.#writing.size >= MAX_WRITING_FILES) await Promise.race(this.#writing)
  }

  /** @throws the error of any file */
  async drain(): Promise<void> {
    await Promise.all(this.#writing)
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#writing)
  }
}
