import { FIRST_CHUNK_BYTES, type PageUpload } from '@/lib/client/uploads/page-upload'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'

type Previewed = Pick<PageUpload, 'state' | 'sizeBytes' | 'storedBytes' | 'uploadId'>

/** The upload of the first file of which the server has enough for a preview; null without one. */
export function findPreviewedId(files: readonly Previewed[], format: InputFormat): string | null {
  return files.find((file) => hasEnough(file, format))?.uploadId ?? null
}

/** Rows of a text can be read as they come. The other formats are read as a whole, or from a beginning of a fixed size. */
function hasEnough({ state, sizeBytes, storedBytes, uploadId }: Previewed, format: InputFormat): boolean {
  if (uploadId === null || state === 'failed') return false
  if (state === 'complete') return true
  switch (format) {
    case 'parquet':
    case 'arrow':
      return false
    case 'avro':
    case 'json':
      return storedBytes >= Math.min(sizeBytes, FIRST_CHUNK_BYTES)
    default:
      return storedBytes > 0
  }
}
