import { hasBeginning, type PageUpload } from '@/lib/client/uploads/page-upload'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'

type Previewed = Pick<PageUpload, 'state' | 'sizeBytes' | 'storedBytes' | 'uploadId'>

/**
 * The upload of the first file of which the server has enough for a preview, and whether it has as much as a preview
 * reads at most; null without one.
 */
export function findPreviewed(
  files: readonly Previewed[],
  format: InputFormat,
): { uploadId: string; hasBeginning: boolean } | null {
  for (const file of files)
    if (file.uploadId !== null && hasEnough(file, format))
      return { uploadId: file.uploadId, hasBeginning: hasBeginning(file) }
  return null
}

/** Rows of a text can be read as they come. The other formats are read as a whole, or from a beginning of a fixed size. */
function hasEnough(file: Previewed, format: InputFormat): boolean {
  if (file.state === 'failed') return false
  if (file.state === 'complete') return true
  switch (format) {
    case 'parquet':
    case 'arrow':
      return false
    case 'avro':
    case 'json':
      return hasBeginning(file)
    default:
      return file.storedBytes > 0
  }
}
