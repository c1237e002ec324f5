import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { withFileName } from '@/lib/parquet/errors'
import { parseCopiedFooter, readFooterBytes } from '@/lib/parquet/footer'
import type { ByteSink } from './page-queue'
import { type SecondThread, SharedChunks } from './shared-chunks'
import {
  type FileContents,
  type FileLimits,
  listChunkInputs,
  type TranscodedFile,
  type TranscodeOptions,
} from './transcoding'
import { Transcoding } from './transcoding'

/**
 * Writes a Parquet file again, page by page, with the codecs, page sizes, statistics and indexes of `layout`. Memory is
 * bounded by the largest page and the footer. It trusts no claim of the file: pages are decoded, and counts, sizes and
 * bounds are those of the values. See `docs/decisions/045-page-transcoder.md`.
 *
 * @param sink is incomplete after an error
 * @throws {AppError} file-damaged, not-supported, too-large; errors of the source, the sink and the compressors
 */
export async function transcodeParquet(
  source: ByteSource,
  sink: ByteSink,
  options: TranscodeOptions & { secondThread?: SecondThread },
): Promise<TranscodedFile> {
  const divider = await ParquetDivider.open(source, options)
  return await divider.writeNext(sink, options)
}

/** Writes contents that are put together from pages of other files. */
export async function writeContents(
  contents: FileContents,
  sink: ByteSink,
  options: TranscodeOptions,
): Promise<TranscodedFile> {
  return await withFileName(contents.source.name, () => new Transcoding(contents, sink, options).run())
}

/** Writes the contents of a Parquet file as one file or several, each with the next of its row groups, in one pass. */
export class ParquetDivider {
  readonly #contents: FileContents
  readonly #options: TranscodeOptions
  #shared: SharedChunks | null
  #nextGroup = 0

  private constructor(contents: FileContents, options: TranscodeOptions, secondThread?: SecondThread) {
    this.#contents = contents
    this.#options = options
    this.#shared = secondThread
      ? new SharedChunks(secondThread, options.compressors, listChunkInputs(contents, options))
      : null
  }

  /**
   * Reads the footer.
   *
   * @param options of all files; `secondThread` is a thread for some of the chunks, which reads the file itself, and has
   *   no part in `onPage` or filled columns
   * @throws {AppError} file-damaged, not-supported, too-large; errors of the source
   */
  static async open(
    source: ByteSource,
    { secondThread, ...options }: TranscodeOptions & { secondThread?: SecondThread },
  ): Promise<ParquetDivider> {
    const { signal } = options
    const bytes = await readFooterBytes(source, signal && { signal })
    return await withFileName(source.name, () => {
      const contents = { source, ...parseCopiedFooter(bytes, source.byteLength), chunks: new Map() }
      return new ParquetDivider(contents, options, secondThread)
    })
  }

  /** Contents that are put together from pages of other files. */
  static of(contents: FileContents, options: TranscodeOptions): ParquetDivider {
    return new ParquetDivider(contents, options)
  }

  /** Whether files with all row groups are written. */
  get isDone(): boolean {
    return this.#nextGroup >= this.#contents.footer.rowGroups.length
  }

  /** Transcodes the chunks that are left without the second thread. */
  endSharing(): void {
    this.#shared = null
  }

  /**
   * Writes the next file. After an error it can be written again.
   *
   * @param limits where it ends; without them it has all row groups that are left
   * @throws as {@link transcodeParquet}
   */
  async writeNext(
    sink: ByteSink,
    { keyValues, limits }: Pick<TranscodeOptions, 'keyValues'> & { limits?: FileLimits } = {},
  ): Promise<TranscodedFile> {
    return await withFileName(this.#contents.source.name, async () => {
      const options = { ...this.#options, ...(keyValues && { keyValues }) }
      const range = { firstGroup: this.#nextGroup, ...(limits && { limits }) }
      const transcoding = new Transcoding(this.#contents, sink, options, this.#shared, range)
      const file = await transcoding.run()
      this.#nextGroup = transcoding.nextGroup
      return file
    })
  }
}
