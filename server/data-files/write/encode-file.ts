import 'server-only'
import { rm, stat } from 'node:fs/promises'
import { withBlockingSink, withBlockingSource } from '@/server/parquet/transcode/blocking-file'
import { withFileSink, withFileSource } from '@/server/parquet/transcode/local-file'
import { type ChunkLane, ChunkThreadError } from '@/server/parquet/transcode/thread/chunk-lane'
import { ParquetDivider } from '@/server/parquet/transcode/transcode'
import type { FileContents, FileLimits } from '@/server/parquet/transcode/transcoding'
import { type EncodedFile, type EncodeSettings, FileEncoding } from './file-encoding'

/** Starting a thread takes as long as encoding a smaller file. */
const MIN_BYTES_FOR_LANE = 8 * 1024 * 1024

export type EncodeOptions = {
  /** Where a file ends and the next one begins; without them there is one. */
  limits?: FileLimits
  /** A thread that encodes some of the columns of a large file. */
  lane?: ChunkLane | null
}

/** Writes a file of DuckDB as the table wants it, and measures the values that it writes. */
export async function encodeFile(
  { from, to }: { from: string; to: string },
  settings: EncodeSettings,
  lane: ChunkLane | null = null,
): Promise<EncodedFile> {
  const files: EncodedFile[] = []
  await encodeFiles(from, { nextPath: () => to, onFile: (file) => files.push(file) }, settings, { lane })
  const [file] = files
  if (!file) throw new Error(`${from} was not encoded`)
  return file
}

/** `onFile` receives each file when it is complete, in the order of the rows. */
export type EncodeTarget = { nextPath: () => string; onFile: (file: EncodedFile, path: string) => void }

/** The same as one file or several. */
export async function encodeFiles(
  from: string,
  { nextPath, onFile }: EncodeTarget,
  settings: EncodeSettings,
  { limits, lane = null }: EncodeOptions = {},
): Promise<void> {
  const usesLane = lane !== null && (await stat(from)).size >= MIN_BYTES_FOR_LANE
  const io = usesLane
    ? { withSource: withBlockingSource, withSink: withBlockingSink }
    : { withSource: withFileSource, withSink: withFileSink }
  const encoding = new FileEncoding(settings)
  return await io.withSource(from, async (source) => {
    const secondThread = usesLane ? { lane, file: from } : undefined
    const divider = await ParquetDivider.open(source, { ...encoding.options, ...(secondThread && { secondThread }) })
    const file = { encoding, withSink: io.withSink, expectedBytes: source.byteLength, ...(limits && { limits }) }
    do {
      const to = nextPath()
      const written = await writeNext(divider, to, file).catch(async (error: unknown) => {
        lane?.end()
        if (!(error instanceof ChunkThreadError)) throw error
        await rm(to)
        divider.endSharing()
        return writeNext(divider, to, file)
      })
      onFile(written, to)
    } while (!divider.isDone)
  })
}

/** Writes contents that are put together from pages of other files as one file or several. */
export async function encodeContents(
  contents: FileContents,
  { nextPath, onFile }: EncodeTarget,
  settings: EncodeSettings,
  limits: FileLimits,
): Promise<void> {
  const encoding = new FileEncoding(settings)
  const divider = ParquetDivider.of(contents, encoding.options)
  do {
    const to = nextPath()
    onFile(await writeNext(divider, to, { encoding, withSink: withFileSink, limits }), to)
  } while (!divider.isDone)
}

type NextFile = {
  encoding: FileEncoding
  withSink: typeof withFileSink
  expectedBytes?: number
  limits?: FileLimits
}

function writeNext(
  divider: ParquetDivider,
  to: string,
  { encoding, withSink, expectedBytes, limits }: NextFile,
): Promise<EncodedFile> {
  return encoding.encode(({ keyValues }) =>
    withSink(
      to,
      (sink) => divider.writeNext(sink, { ...(keyValues && { keyValues }), ...(limits && { limits }) }),
      expectedBytes,
    ),
  )
}
