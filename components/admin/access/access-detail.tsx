'use client'
import { Button } from '@mantine/core'
import { IconCheck, IconMinus } from '@tabler/icons-react'
import Link from 'next/link'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AccessEntry } from '@/lib/contract/access'
import type { AccessGrant } from '@/lib/contract/access/shapes'
import { resourceLabel } from '@/lib/names/resource-name'
import { formatList } from '@/lib/format/sentence'
import { paths } from '@/lib/paths/paths'
import classes from './access.module.css'
import { ACCESS_COLUMNS, allows } from './access-levels'
import { ResourceName } from './resource-name'

/** The chosen line of the tree: each grant that is a reason, and the actions that no grant allows. */
export function AccessDetail({ entry: { resource: on, kind, level, grants } }: { entry: AccessEntry }) {
  const missing = ACCESS_COLUMNS.filter((column) => !allows(column, level)).map(({ label }) => label)
  return (
    <section className={classes.detail} aria-label={`Access to ${resourceLabel(on)}`}>
      <div className={classes.detailHead}>
        <ResourceName on={on} isView={kind === 'view'} />
        <Button component={Link} href={paths.accessTo(on)} variant="default" size="compact-sm">
          Who has access
        </Button>
      </div>
      <ul className={classes.reasons}>
        {grants.map((grant) => (
          <li key={reasonKey(grant)}>
            <IconCheck size={14} stroke={1.6} aria-hidden />
            <span>
              {level === 'inside' && `Seen only for access to something inside this ${kind}: `}
              <Reason grant={grant} />
            </span>
          </li>
        ))}
        {missing.length > 0 && (
          <li>
            <IconMinus size={14} stroke={1.6} aria-hidden />
            <span>
              <strong>{formatList(missing)}</strong>: no grant allows it.
            </span>
          </li>
        )}
      </ul>
    </section>
  )
}

/** The role of a user on everything is a grant without an id. */
export function reasonKey({ grantId, holder }: AccessGrant): string {
  return grantId ?? `${holder.kind} ${holder.id}`
}

/** A grant as a sentence. */
export function Reason({ grant: { role, resource: on, holder, createdBy, createdAtMs } }: { grant: AccessGrant }) {
  return (
    <span>
      <strong>{role}</strong> of <code>{resourceLabel(on)}</code>
      {holder.kind === 'group' && (
        <>
          {' '}
          through group{' '}
          <Link href={paths.group(holder.id)} prefetch={false}>
            <VisibleText>{holder.name}</VisibleText>
          </Link>
        </>
      )}
      {holder.kind === 'everyone' && ', as everyone'}
      {createdBy !== null && (
        <>
          , given by <VisibleText>{createdBy}</VisibleText>
        </>
      )}
      {createdAtMs !== null && (
        <>
          {' '}
          <RelativeTime atMs={createdAtMs} />
        </>
      )}
    </span>
  )
}
