'use client'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { type Permission, ROLE_PERMISSIONS, ROLES, type Role } from '@/lib/permissions'
import { AccessMark } from './access-mark'
import classes from './access.module.css'

/** The actions that a role allows on its resource, as the tables of access name them. */
const LEVELS = [
  { id: 'read', header: 'View and read', permission: 'table:read' },
  { id: 'propose', header: 'Propose', permission: 'table:propose' },
  { id: 'write', header: 'Write', permission: 'table:write' },
  { id: 'maintain', header: 'Maintain', permission: 'table:maintain' },
  { id: 'admin', header: 'Admin', permission: 'console:admin' },
] as const satisfies readonly { id: string; header: string; permission: Permission }[]

const COLUMNS: readonly Column<Role>[] = [
  { id: 'role', header: 'Role', cell: (role) => role },
  ...LEVELS.map(
    ({ id, header, permission }): Column<Role> => ({
      id,
      header,
      cell: (role) => <AccessMark isAllowed={ROLE_PERMISSIONS[role].includes(permission)} />,
    }),
  ),
]

/** The permissions of each role. */
export function RoleTable() {
  return (
    <Panel title="Role permissions" flush>
      <DataTable label="Role permissions" columns={COLUMNS} rows={ROLES} rowKey={(role) => role} />
      <p className={classes.note}>
        Admin of a catalog, namespace or table: full control there, including its grants. Only full admins, whose role
        is on everything, manage users and connections and read the audit.
      </p>
    </Panel>
  )
}
