import type { ExpiryFiles } from '@/lib/contract/table/expiry'

/** Files of all kinds that an expiry would remove, and their bytes, without the files that the removal leaves. */
export function expiryTotals({ removed: goes, retained: stays }: ExpiryFiles): {
  fileCount: number
  sizeBytes: number
} {
  const { manifestLists, manifests, dataFiles, deleteFiles, statisticsFiles, dataBytes, metadataBytes } = goes
  return {
    fileCount: manifestLists + manifests + dataFiles + deleteFiles + statisticsFiles - stays.fileCount,
    sizeBytes: dataBytes + metadataBytes - stays.sizeBytes,
  }
}
