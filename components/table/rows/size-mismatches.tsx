import { IconAlertTriangle } from '@tabler/icons-react'
import { formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { SizeMismatch } from '@/lib/scan/data-files'
import classes from './size-mismatches.module.css'

const MAX_NAMED_FILES = 20

/** Number of files whose size differs from their manifests; the title names them. Renders nothing when all match. */
export function SizeMismatches({ mismatches }: { mismatches: readonly SizeMismatch[] }) {
  if (mismatches.length === 0) return null
  return (
    <span className={classes.found} title={mismatches.slice(0, MAX_NAMED_FILES).map(mismatchText).join('\n')}>
      <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
      {formatQuantity(mismatches.length, 'file')} with an unexpected size
    </span>
  )
}

function mismatchText({ path, declaredBytes, actualBytes }: SizeMismatch): string {
  return `${path}: ${formatExactBytes(actualBytes)}, not ${formatExactBytes(declaredBytes)}`
}
