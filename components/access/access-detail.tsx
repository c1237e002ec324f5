'use client'
import { Button } from '@mantine/core'
import { IconCheck, IconMinus } from '@tabler/icons-react'
import Link from 'next/link'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { AccessGrant, EffectiveAccess } from '@/lib/contract/access'
import { resourceKind, resourceLabel } from '@/lib/format/resource-name'
import { formatList } from '@/lib/format/sentence'
import { paths } from '@/lib/paths'
import classes from './access.module.css'
import { ACCESS_LEVELS } from './access-levels'
import { ResourceName } from './resource-name'

/** The chosen line of the tree: each grant that is a reason, and what no grant allows. */
export function AccessDetail({ entry }: { entry: EffectiveAccess }) {
  const { on, may, becauseOf, isSeenForInside } = entry
  const missing = ACCESS_LEVELS.filter(({ id }) => !may[id]).map(({ label }) => label)
  return (
    <section className={classes.detail} aria-label={`Access to ${resourceLabel(on)}`}>
      <div className={classes.detailHead}>
        <ResourceName on={on} />
        <Button component={Link} href={paths.accessTo(on)} variant="default" size="compact-sm">
          Who may here
        </Button>
      </div>
      <ul className={classes.reasons}>
        {isSeenForInside && (
          <li>
            <IconCheck size={14} stroke={1.6} aria-hidden />
            <span>
              <strong>See</strong>: only because of what is granted inside this {resourceKind(on)}.
            </span>
          </li>
        )}
        {becauseOf.map(({ grant }) => (
          <li key={grant.grantId}>
            <IconCheck size={14} stroke={1.6} aria-hidden />
            <Reason grant={grant} />
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

/** A grant as a sentence. */
export function Reason({ grant: { role, on, holder, createdBy, createdAtMs } }: { grant: AccessGrant }) {
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
      {holder.kind === 'everyone' && ', as everyone'}, given by <VisibleText>{createdBy}</VisibleText>{' '}
      <RelativeTime atMs={createdAtMs} />
    </span>
  )
}
