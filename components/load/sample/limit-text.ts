import { formatCount } from '@/lib/format/count'
import { type RejectLimit, shareText } from '@/lib/ingest/reject-limit'

/** How many rows may be rejected: `none allowed`, `limit 20`, `limit 1%`, `limit 20 or 1%`. */
export function limitText({ maxRejectedRows, maxRejectedShare }: RejectLimit): string {
  const rows = maxRejectedRows === Number.MAX_SAFE_INTEGER ? null : formatCount(maxRejectedRows)
  if (maxRejectedShare === undefined)
    return maxRejectedRows === 0 ? 'none allowed' : rows === null ? 'no limit' : `limit ${rows}`
  const share = shareText(maxRejectedShare)
  return rows === null ? `limit ${share}` : `limit ${rows} or ${share}`
}
