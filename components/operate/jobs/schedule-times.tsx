'use client'
import { Button } from '@mantine/core'
import { IconClock } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import type { Schedule } from '@/lib/contract/jobs'

/** Edits the times of a schedule. */
export function ScheduleTimes({ schedule }: { schedule: Schedule }) {
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="subtle"
          aria-label={`Edit schedule: ${schedule.title}`}
          leftSection={<IconClock size={14} stroke={1.6} aria-hidden />}
        >
          Edit schedule
        </Button>
      }
      load={loadPopover}
      menuProps={{ schedule }}
    />
  )
}

async function loadPopover() {
  return (await import('./schedule-times-popover')).ScheduleTimesPopover
}
