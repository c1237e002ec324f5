'use client'
import { Button } from '@mantine/core'
import { IconChevronDown, IconClock } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatExactTime } from '@/lib/format/time'
import { visibleText } from '@/lib/format/visible-text'
import classes from './as-of-control.module.css'
import { AS_OF_ICONS } from './as-of-icons'
import { useAsOf } from './use-as-of'

/** The shown branch, tag, snapshot or time, with a picker for another. */
export function AsOfControl({ detail }: { detail: TableDetail }) {
  const timeZone = useTimeZone()
  const { shown } = detail
  const { asOf } = useAsOf()
  // A time as it was asked for: no snapshot may be of that time.
  const shownMs = asOf.atMs ?? shown.committedAtMs
  const refName = shown.ref?.name ?? 'main'
  const RefIcon = AS_OF_ICONS[shown.ref?.type ?? 'branch']
  const moment = shown.isCurrent
    ? 'now'
    : shownMs === null
      ? (shown.snapshotId ?? 'no snapshot')
      : formatExactTime(shownMs, timeZone)
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="default"
          className={shown.isCurrent ? undefined : classes.past}
          leftSection={<RefIcon size={15} stroke={1.6} aria-hidden data-icon={shown.ref?.type ?? 'branch'} />}
          rightSection={<IconChevronDown size={13} stroke={1.6} aria-hidden />}
        >
          <span className="sr-only">As of </span>
          {visibleText(refName)}
          <span className={classes.rule} />
          <IconClock size={15} stroke={1.6} aria-hidden />
          <span className={classes.moment}> {moment}</span>
        </Button>
      }
      load={loadPopover}
      menuProps={{ detail }}
    />
  )
}

async function loadPopover() {
  return (await import('./as-of-popover')).AsOfPopover
}
