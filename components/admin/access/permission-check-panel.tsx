'use client'
import { IconBan, IconCheck } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Panel } from '@/components/ui/panel'
import { useSettled } from '@/components/ui/use-settled'
import { permissionCheckQuery } from '@/lib/client/access/effective-access'
import type { User } from '@/lib/contract/access'
import { resourceLabel } from '@/lib/names/resource-name'
import type { Permission, Resource } from '@/lib/permissions'
import classes from './access.module.css'
import { Reason, reasonKey } from './access-detail'
import { LazyResourceField } from './lazy-resource-field'

/** Permissions as questions, in the words of the console. */
const QUESTIONS: readonly { value: Permission; label: string }[] = [
  { value: 'catalog:read', label: 'see it' },
  { value: 'table:read', label: 'read it' },
  { value: 'table:propose', label: 'propose changes' },
  { value: 'table:write', label: 'change it' },
  { value: 'table:maintain', label: 'drop or roll back' },
  { value: 'access:manage', label: 'grant it to others' },
]

/** Whether a user may take one action on one resource, and why: a dry run of the server's checks. */
export function PermissionCheckPanel({ user }: { user: User }) {
  const [permission, setPermission] = useState<Permission>('table:read')
  const [typed, setTyped] = useState<Resource | null>(null)
  const on = useSettled(typed)
  return (
    <Panel title="Check permission">
      <div className={classes.question}>
        <LazySelect<Permission>
          aria-label="What"
          w={170}
          allowDeselect={false}
          value={permission}
          data={QUESTIONS}
          onChange={(value) => value !== null && setPermission(value)}
        />
        <LazyResourceField label="On" isLabelHidden kind={null} onChange={setTyped} />
      </div>
      {on === null ? (
        <p className={classes.hint}>Name a catalog, a namespace or a table.</p>
      ) : (
        <Answer user={user} permission={permission} on={on} />
      )}
    </Panel>
  )
}

function Answer({ user, permission, on }: { user: User; permission: Permission; on: Resource }) {
  const query = useQuery({
    ...permissionCheckQuery(user.userId, permission, on),
    placeholderData: keepPreviousData,
  })
  if (!query.isSuccess) return <Unloaded query={query} subject={resourceLabel(on)} skeleton={[2, 1, 'Checking']} />
  const { data } = query
  const Icon = data.isAllowed ? IconCheck : IconBan
  return (
    <div className={classes.answer} data-allowed={data.isAllowed} role="status">
      <Icon size={15} stroke={1.6} aria-hidden />
      <div>
        <strong>{data.isAllowed ? 'Yes.' : 'No.'}</strong>{' '}
        {data.grants.length === 0
          ? 'No grant reaches it.'
          : data.grants.map((grant, index) => (
              <span key={reasonKey(grant)}>
                {index > 0 && '; '}
                <Reason grant={grant} />
              </span>
            ))}
        {data.blockers.map((blocker) => (
          <p key={blocker} className={classes.blocker}>
            {blocker}
          </p>
        ))}
      </div>
    </div>
  )
}
