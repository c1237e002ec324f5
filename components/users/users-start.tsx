'use client'
import { OpenRequestsPanel } from '@/components/access/open-requests-panel'
import { RoleTable } from '@/components/access/role-table'

/** Shown while no user or group is chosen. */
export function UsersStart() {
  return (
    <>
      <OpenRequestsPanel />
      <RoleTable />
    </>
  )
}
