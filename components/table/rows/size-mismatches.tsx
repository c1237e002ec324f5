import { formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { SizeMismatch } from '@/lib/scan/data-files'
import { FileWarning } from './file-warning'

/** Number of files whose size differs from their manifests; the title names them. Renders nothing when all match. */
export function SizeMismatches({ mismatches }: { mismatches: readonly SizeMismatch[] }) {
  if (mismatches.length === 0) return null
  return (
    <FileWarning lines={mismatches.map(mismatchText)}>
      {formatQuantity(mismatches.length, 'file')} with an unexpected size
    </FileWarning>
  )
}

function mismatchText({ path, declaredBytes, actualBytes }: SizeMismatch): string {
  return `${path}: ${formatExactBytes(actualBytes)}, not ${formatExactBytes(declaredBytes)}`
}
