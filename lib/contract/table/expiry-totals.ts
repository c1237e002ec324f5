import type { ExpiryFiles } from '@/lib/contract/table/expiry'

/** Files of all kinds that an expiry would remove, and their bytes, without the files that the removal leaves. */
export function expiryTotals({ removed, retained }: ExpiryFiles): {
  fileCount: number
  sizeBytes: number
} {
  const { manifestLists, manifests, dataFiles, deleteFiles, statisticsFiles, dataBytes, metadataBytes } = removed
  return {
    fileCount: manifestLists + manifests + dataFiles + deleteFiles + statisticsFiles - retained.fileCount,
    sizeBytes: dataBytes + metadataBytes - retained.sizeBytes,
  }
}
