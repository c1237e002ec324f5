'use client'
import { Button } from '@mantine/core'
import { IconChevronDown, IconClock, IconGitBranch } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { QueryTab } from '@/lib/client/query/query-tabs'
import { asOfLabel } from './as-of-label'
import classes from './query-as-of.module.css'

export type QueryAsOfProps = { asOf: QueryTab['asOf']; onChange: (asOf: QueryTab['asOf']) => void }

/** The branch, tag or time at which the tables of a tab are read, with a picker for another. */
export function QueryAsOf({ asOf, onChange }: QueryAsOfProps) {
  const timeZone = useTimeZone()
  const Icon = asOf !== null && 'ref' in asOf ? IconGitBranch : IconClock
  const label = asOfLabel(asOf, timeZone)
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="default"
          className={asOf === null ? classes.button : `${classes.button} ${classes.past}`}
          leftSection={<Icon size={15} stroke={1.6} aria-hidden />}
          rightSection={<IconChevronDown size={13} stroke={1.6} aria-hidden />}
        >
          <span className="sr-only">As of </span>
          <span className={classes.label}>{label}</span>
        </Button>
      }
      load={loadPopover}
      menuProps={{ asOf, onPick: onChange }}
    />
  )
}

async function loadPopover() {
  return (await import('./query-as-of-popover')).QueryAsOfPopover
}
