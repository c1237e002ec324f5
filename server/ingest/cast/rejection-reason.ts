import 'server-only'
import type { Type } from '@/lib/iceberg/schema/types'
import { misfitReason } from '@/lib/ingest/text-value'

/** Why a value that was checked does not fit, in words for the rejects. */
export function rejectionReason(type: Type, value: string | null): string {
  if (value === null) return 'is null, and the table requires a value'
  if (typeof type !== 'string') return 'does not fit its nested type exactly'
  return misfitReason(type, value) ?? `cannot be held exactly by ${type}`
}
