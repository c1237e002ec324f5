import 'server-only'
import { stat } from 'node:fs/promises'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { MAX_SAMPLE_BYTES } from '@/lib/ingest/sample/file-sample'
import { unpackInput } from '../input/unpack-input'
import { readBytes } from './read-bytes'

/**
 * The first 4 MiB of a text file, decompressed.
 *
 * @param file a copy of a file or of its beginning
 * @param options.folder for the decompressed file
 * @returns with the size of what a compressed file became; null for another file
 * @throws {AppError} file-damaged, too-large, storage-full
 */
export async function readTextBeginning(
  file: { path: string; isTruncated: boolean },
  { format, folder }: { format: InputFormat; folder: string },
): Promise<{ bytes: Uint8Array; isWhole: boolean; unpackedBytes: number | null }> {
  const { isTruncated } = file
  const request = { input: { path: file.path, format }, stagingDir: folder }
  const unpacked = await unpackInput(request, { isTruncated, onProgress: () => {} })
  const read = await readBytes(unpacked.input.path, { sizeBytes: MAX_SAMPLE_BYTES + 1 })
  const isUnpacked = unpacked.input.path !== file.path
  return {
    unpackedBytes: isUnpacked ? (await stat(unpacked.input.path)).size : null,
    bytes: read.subarray(0, MAX_SAMPLE_BYTES),
    isWhole: !isTruncated && read.length <= MAX_SAMPLE_BYTES,
  }
}
