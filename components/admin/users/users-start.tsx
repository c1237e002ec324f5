'use client'
import { OpenRequestsPanel } from '@/components/admin/access/requests/open-requests-panel'
import { RoleTable } from '@/components/admin/access/role-table'

/** Shown while no user or group is chosen. */
export function UsersStart() {
  return (
    <>
      <OpenRequestsPanel />
      <RoleTable />
    </>
  )
}
