'use client'
import { Button } from '@mantine/core'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import type { RestartFrom } from '@/lib/client/jobs/saved-results'
import classes from './schedule-table.module.css'

type RestartProps = LoadedMenuProps & { title: string; onRestart: (from: RestartFrom) => void }

export function ScheduleRestartPopover({ title, onRestart, opened, onChange }: RestartProps) {
  const restart = (from: RestartFrom) => () => {
    onChange(false)
    onRestart(from)
  }
  return (
    <DialogPopover opened={opened} onChange={onChange} label={`Start ${title} again`} widthPx={360} isPadded>
      <div className="stack gap-10">
        <p className="bare">
          From now: its next run reads only what is appended from now on, and rows that no run has read stay out. With
          all rows: its next run reads the whole tables again, and an append adds rows twice.
        </p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={restart('beginning')}>
            With all rows
          </Button>
          <Button onClick={restart('now')}>From now</Button>
        </div>
      </div>
    </DialogPopover>
  )
}
