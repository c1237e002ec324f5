import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ObjectStore } from '@/server/storage/object-store'

/**
 * A data file of a table, as its store has it. Its length is that of the store, not of the manifest: if that were
 * wrong, the footer would not be found.
 */
export async function openDataFile(
  store: Pick<ObjectStore, 'sizeBytes' | 'read'>,
  location: string,
  signal: AbortSignal,
): Promise<ByteSource> {
  return {
    name: location,
    byteLength: await store.sizeBytes(location, { signal }),
    read: (start, end, readSignal) =>
      store.read(location, { range: { start, end }, ...(readSignal && { signal: readSignal }) }),
  }
}
