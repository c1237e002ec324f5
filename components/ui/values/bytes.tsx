import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { Unknown } from './unknown'

/** Bytes in binary units, exact on hover; null is unknown. `approximate` marks an estimate and names its source. */
export function Bytes({
  value,
  reason = 'not known',
  approximate,
}: {
  value: number | null
  reason?: string | undefined
  approximate?: string
}) {
  if (value === null) return <Unknown reason={reason} />
  const title = approximate === undefined ? formatExactBytes(value) : `${formatExactBytes(value)}, ${approximate}`
  return (
    <span className={value === 0 ? 'quiet' : undefined} title={title}>
      {approximate === undefined ? '' : '≈ '}
      {value === 0 ? '0' : formatBytes(value)}
    </span>
  )
}
