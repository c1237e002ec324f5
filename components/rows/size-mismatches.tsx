import { IconAlertTriangle } from '@tabler/icons-react'
import { formatExactBytes } from '@/lib/format/bytes'
import { counted } from '@/lib/format/count'
import type { SizeMismatch } from '@/lib/scan/read-rows'
import classes from './size-mismatches.module.css'

const MOST_NAMED = 20

/** That files are not as long as their manifests say, with which, on hover. Nothing is drawn where all are. */
export function SizeMismatches({ found }: { found: readonly SizeMismatch[] }) {
  if (found.length === 0) return null
  return (
    <span className={classes.found} title={found.slice(0, MOST_NAMED).map(mismatchText).join('\n')}>
      <IconAlertTriangle size={14} stroke={1.6} aria-hidden />
      {counted(found.length, 'file')} of another size than the table says
    </span>
  )
}

function mismatchText({ path, toldBytes, actualBytes }: SizeMismatch): string {
  return `${path}: ${formatExactBytes(actualBytes)}, not ${formatExactBytes(toldBytes)}`
}
