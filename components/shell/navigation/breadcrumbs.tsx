'use client'
import { UnstyledButton } from '@mantine/core'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import type { GroupDetail } from '@/lib/client/access/groups'
import type { UserDetail } from '@/lib/client/access/users'
import type { RunWithLog } from '@/lib/client/jobs/runs'
import { useKnownData } from '@/lib/client/call/use-known-data'
import { keys } from '@/lib/client/keys'
import { breadcrumbTrail, type Crumb, type NamedById } from './breadcrumb-trail'
import classes from './breadcrumbs.module.css'
import { visibleText } from '@/lib/format/visible-text'

/** With more steps than this, those between the first and the last three are in a menu. */
const MAX_STEPS = 6
const LAST_STEPS = 3

/** Names of up to so many letters are not shortened: a longer one next to them is. On narrow pages, only tiny ones. */
const SHORT_LETTERS = 8
const TINY_LETTERS = 4
/** Narrow pages show the last three steps, or two when the last name has more letters than this. */
const TAB_LETTERS = 12

export function Breadcrumbs() {
  const crumbs = breadcrumbTrail(usePathname())
  const hiddenCount = crumbs.length > MAX_STEPS ? crumbs.length - LAST_STEPS - 1 : 0
  const first = hiddenCount > 0 ? crumbs.slice(0, 1) : []
  return (
    <nav className={classes.crumbs} aria-label="Breadcrumbs">
      <ol
        data-keeps-three={
          (crumbs.length > LAST_STEPS && (crumbs.at(-1)?.label.length ?? 0) <= TAB_LETTERS) || undefined
        }
      >
        {first.map((crumb) => (
          <Step key="first" crumb={crumb} level={0} isCurrent={false} />
        ))}
        {hiddenCount > 0 && <HiddenSteps crumbs={crumbs.slice(1, 1 + hiddenCount)} />}
        {crumbs.slice(hiddenCount > 0 ? 1 + hiddenCount : 0).map((crumb, index, shown) => {
          const level = crumbs.length - shown.length + index
          return (
            <Step key={`${level} ${crumb.label}`} crumb={crumb} level={level} isCurrent={level === crumbs.length - 1} />
          )
        })}
      </ol>
    </nav>
  )
}

function Step({ crumb, level, isCurrent }: { crumb: Crumb; level: number; isCurrent: boolean }) {
  const { label, href, named } = crumb
  // A name is often longer than its placeholder.
  const isAtMost = (letters: number) => (named === undefined && label.length <= letters) || undefined
  return (
    <li data-current={isCurrent || undefined} data-short={isAtMost(SHORT_LETTERS)} data-tiny={isAtMost(TINY_LETTERS)}>
      {level > 0 && <Divider />}
      {href !== null ? (
        <Link href={href} title={label}>
          {visibleText(label)}
        </Link>
      ) : (
        <span
          title={label}
          {...(isCurrent && { 'aria-current': 'page' as const, className: classes.here })}
          // The focus shows the whole name when it is cut.
          {...(isCurrent && (label.length > SHORT_LETTERS || named !== undefined) && { tabIndex: 0 })}
        >
          {named === undefined ? visibleText(label) : <Name named={named} label={label} />}
        </span>
      )}
    </li>
  )
}

/**
 * The name of the page's subject; the label until the page has read it. The breadcrumbs are on every page, so they do
 * not load the code that reads it.
 */
function Name({ named: { kind, id }, label }: { named: NamedById; label: string }) {
  const run = useKnownData(keys.run(id)) as RunWithLog | undefined
  const user = useKnownData(keys.user(id)) as UserDetail | undefined
  const group = useKnownData(keys.group(id)) as GroupDetail | undefined
  if (kind === 'group' && id === 'everyone') return <>Everyone</>
  return <>{visibleText(run?.run.title ?? user?.username ?? group?.group.name ?? label)}</>
}

function HiddenSteps({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <li className={classes.more}>
      <Divider />
      <LazyMenu
        button={
          <UnstyledButton className={classes.dots} aria-label={`${crumbs.length} more levels`}>
            …
          </UnstyledButton>
        }
        load={loadLevels}
        menuProps={{ crumbs }}
      />
    </li>
  )
}

async function loadLevels() {
  return (await import('./breadcrumb-levels')).BreadcrumbLevels
}

function Divider() {
  return (
    <span className={classes.divider} aria-hidden>
      /
    </span>
  )
}
