import 'server-only'
import { rm, stat } from 'node:fs/promises'
import { withBlockingSink, withBlockingSource } from '@/server/parquet/transcode/blocking-file'
import { type ChunkLane, ChunkThreadError } from '@/server/parquet/transcode/thread/chunk-lane'
import { withFileSink, withFileSource } from '@/server/parquet/transcode/local-file'
import { transcodeParquet } from '@/server/parquet/transcode/transcode'
import { type EncodedFile, type EncodeSettings, FileEncoding } from './file-encoding'

/** Starting a thread takes as long as encoding a smaller file. */
const MIN_BYTES_FOR_LANE = 8 * 1024 * 1024

/**
 * Writes a file of DuckDB as the table wants it, and measures the values that it writes.
 *
 * @param lane a thread that encodes some of the columns of a large file
 */
export async function encodeFile(
  paths: { from: string; to: string },
  settings: EncodeSettings,
  lane: ChunkLane | null = null,
): Promise<EncodedFile> {
  if (lane === null || (await stat(paths.from)).size < MIN_BYTES_FOR_LANE) return encodeWith(paths, settings, null)
  try {
    return await encodeWith(paths, settings, lane)
  } catch (error) {
    lane.end()
    if (!(error instanceof ChunkThreadError)) throw error
    await rm(paths.to)
    return encodeWith(paths, settings, null)
  }
}

function encodeWith(
  { from, to }: { from: string; to: string },
  settings: EncodeSettings,
  lane: ChunkLane | null,
): Promise<EncodedFile> {
  return new FileEncoding(settings).encode((options) =>
    lane === null
      ? withFileSource(from, (source) =>
          withFileSink(to, (sink) => transcodeParquet(source, sink, options), source.byteLength),
        )
      : withBlockingSource(from, (source) =>
          withBlockingSink(to, (sink) =>
            transcodeParquet(source, sink, { ...options, secondThread: { lane, file: from } }),
          ),
        ),
  )
}
