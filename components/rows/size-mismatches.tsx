import { IconAlertTriangle } from '@tabler/icons-react'
import { formatExactBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { SizeMismatch } from '@/lib/scan/read-rows'
import classes from './size-mismatches.module.css'

const MAX_NAMED_FILES = 20

/** That files are not as long as their manifests say, with which, on hover. Nothing is drawn where all are. */
export function SizeMismatches({ mismatches }: { mismatches: readonly SizeMismatch[] }) {
  if (mismatches.length === 0) return null
  return (
    <span className={classes.found} title={mismatches.slice(0, MAX_NAMED_FILES).map(mismatchText).join('\n')}>
      <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
      {formatQuantity(mismatches.length, 'file')} of another size than the table says
    </span>
  )
}

function mismatchText({ path, declaredBytes: toldBytes, actualBytes }: SizeMismatch): string {
  return `${path}: ${formatExactBytes(actualBytes)}, not ${formatExactBytes(toldBytes)}`
}
