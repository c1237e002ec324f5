'use client'
import type { ReactNode } from 'react'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { usePermissions } from '@/lib/client/session/permissions'
import { RequestAccessButton } from './request-access-button'

/** Says so, instead of `children`, which say that there is nothing, to a user who may read no table of any catalog. */
export function UnlessNoAccess({ children }: { children: ReactNode }) {
  const permissions = usePermissions()
  if (permissions?.includes('table:read') !== false) return children
  return (
    <EmptyState action={<RequestAccessButton on={{}} />}>
      You may not read any table yet. What there is, is shown once you have a role on it.
    </EmptyState>
  )
}
