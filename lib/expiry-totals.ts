import type { ExpiryFiles } from '@/lib/contract/expiry'

/** Files of all kinds that an expiry would remove, and their bytes. */
export function expiryTotals({ goes }: ExpiryFiles): { fileCount: number; sizeBytes: number } {
  const { manifestLists, manifests, dataFiles, deleteFiles, statisticsFiles, dataBytes, metadataBytes } = goes
  return {
    fileCount: manifestLists + manifests + dataFiles + deleteFiles + statisticsFiles,
    sizeBytes: dataBytes + metadataBytes,
  }
}
