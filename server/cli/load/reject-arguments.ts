import 'server-only'
import { type RejectLimit, toRejectLimit } from '@/lib/ingest/reject-limit'
import { UsageError } from '../verb'

/** @throws {UsageError} for texts that are neither a count nor a percentage */
export function parseRejectLimit({
  'allow-rejects': rows,
  'reject-share': percent,
}: {
  'allow-rejects'?: string | undefined
  'reject-share'?: string | undefined
}): RejectLimit {
  return toRejectLimit({
    rows: rows === undefined ? undefined : parseRows(rows),
    share: percent === undefined ? undefined : parseShare(percent),
  })
}

function parseRows(text: string): number {
  if (!/^\d{1,16}$/.test(text)) throw new UsageError(`--allow-rejects takes a whole number, not "${text}"`)
  return Number(text)
}

/** As a decimal, because a division would round: 0.7 / 100 is less than 0.007. */
function parseShare(text: string): number {
  const [, percent] = /^(\d{1,3}(?:\.\d{1,9})?)%?$/.exec(text) ?? []
  const share = Number(`${percent}e-2`)
  if (share >= 0 && share <= 1) return share
  throw new UsageError(`--reject-share takes a percentage from 0 to 100, such as 0.5, not "${text}"`)
}
