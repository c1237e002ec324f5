'use client'
import { useQuery } from '@tanstack/react-query'
import { openRequestsQuery } from '@/lib/client/access/requests'
import { useHasPermission } from '@/lib/client/session/permissions'
import { formatCount } from '@/lib/format/count'

/** How many requests for access wait for an admin. Nothing when there are none, and for other users. */
export function OpenRequestCount({ className }: { className: string | undefined }) {
  const isAdmin = useHasPermission('console:admin') === true
  const { data } = useQuery({ ...openRequestsQuery(), enabled: isAdmin })
  if (!isAdmin || data === undefined || data.length === 0) return null
  return (
    <span className={className}>
      {formatCount(data.length)}
      <span className="sr-only">{data.length === 1 ? ' open request' : ' open requests'}</span>
    </span>
  )
}
