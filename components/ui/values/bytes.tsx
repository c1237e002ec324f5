import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { Unknown } from './unknown'

/**
 * Bytes in binary units, exact on hover; null is unknown. `approximate` marks an estimate and names its source,
 * `atLeast` a lower bound and the reason for it.
 */
export function Bytes({
  value,
  reason = 'not known',
  approximate,
  atLeast,
}: {
  value: number | null
  reason?: string | undefined
  approximate?: string | undefined
  atLeast?: string | undefined
}) {
  if (value === null) return <Unknown reason={reason} />
  const title = [formatExactBytes(value), approximate, atLeast].filter((part) => part !== undefined).join(', ')
  const mark = atLeast !== undefined ? '≥ ' : approximate !== undefined ? '≈ ' : ''
  return (
    <span className={value === 0 ? 'quiet' : undefined} title={title}>
      {mark}
      {value === 0 ? '0' : formatBytes(value)}
    </span>
  )
}
