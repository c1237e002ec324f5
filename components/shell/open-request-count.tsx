'use client'
import { useQuery } from '@tanstack/react-query'
import { accessRequestsQuery } from '@/lib/client/access/requests'
import { usePermissions } from '@/lib/client/session/permissions'
import { CountBadge } from './count-badge'

/** The number of requests for access that wait for an admin. Renders nothing without any, or for other users. */
export function OpenRequestCount({ className }: { className: string | undefined }) {
  const canDecide = usePermissions()?.includes('access:manage') === true
  const { data } = useQuery({ ...accessRequestsQuery(), enabled: canDecide })
  const count = data?.filter((request) => request.canDecide).length ?? 0
  if (!canDecide || count === 0) return null
  return <CountBadge count={count} label={count === 1 ? 'open request' : 'open requests'} className={className} />
}
