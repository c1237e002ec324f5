'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconChevronDown, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { useNow } from '@/components/ui/values/use-now'
import { PERIODS, type PeriodName } from './period'
import classes from './period-choice.module.css'
import { periodLabel } from './period-label'
import type { PeriodChoice as Choice } from './use-period'

const OTHER = 'other'

const loadMenu = async () => (await import('./period-menu')).PeriodMenu

/** The period of the page: the usual ones, a menu of others, and steps back and forward by its length. */
export function PeriodChoice({ choice }: { choice: Choice }) {
  const { range, period, offered, choose, select } = choice
  const nowMs = useNow()
  const { fromMs, toMs, previousFromMs, timeZone } = period
  const inHead = offered.head.find((name) => name === range)
  const nextToMs = toMs + (toMs - fromMs)
  return (
    <>
      <SegmentedChoice<PeriodName | typeof OTHER>
        label="Time range"
        value={inHead ?? OTHER}
        onChange={(name) => {
          if (name !== OTHER) choose(name)
        }}
        options={[
          ...offered.head.map((name) => ({ value: name, label: PERIODS[name] })),
          ...(inHead === undefined
            ? [{ value: OTHER as typeof OTHER, label: range === null ? 'Selected' : PERIODS[range] }]
            : []),
        ]}
      />
      <LazyMenu
        popup="dialog"
        load={loadMenu}
        menuProps={{ choice }}
        button={
          <Button variant="default" rightSection={<IconChevronDown size={14} stroke={1.6} aria-hidden />}>
            More
          </Button>
        }
      />
      <span className={classes.stepper}>
        <Tooltip label="The period before">
          <ActionIcon
            aria-label="Show the period before"
            onClick={() => select(previousFromMs, Math.min(previousFromMs + toMs - fromMs, fromMs))}
          >
            <IconChevronLeft size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <span className={classes.period}>{periodLabel(period, { nowMs, timeZone })}</span>
        <Tooltip label="The period after">
          <ActionIcon aria-label="Show the period after" disabled={toMs > nowMs} onClick={() => select(toMs, nextToMs)}>
            <IconChevronRight size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </span>
    </>
  )
}
