import { hasBeginning, type PageUpload } from '@/lib/client/uploads/page-upload'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'

type SentFile = Pick<PageUpload, 'state' | 'sizeBytes' | 'storedBytes' | 'uploadId'>

export type Previewed = {
  uploadId: string
  /** Whether the server has as much of the file as a preview reads at most. */
  hasBeginning: boolean
}

/** The upload of the first file of which the server has enough for a preview; null without one. */
export function findPreviewed(files: readonly SentFile[], format: InputFormat): Previewed | null {
  for (const file of files)
    if (file.uploadId !== null && hasEnough(file, format))
      return { uploadId: file.uploadId, hasBeginning: hasBeginning(file) }
  return null
}

/** Rows of a text can be read as they come. The other formats are read as a whole, or from a beginning of a fixed size. */
function hasEnough(file: SentFile, format: InputFormat): boolean {
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
