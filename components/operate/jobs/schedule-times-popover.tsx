'use client'
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useSetSchedule } from '@/lib/client/jobs/change-runs'
import type { Schedule } from '@/lib/contract/jobs'
import classes from './jobs.module.css'

/** The times of a schedule, as a form. The server says why a cron expression is invalid. */
export function ScheduleTimesPopover({ schedule, opened, onChange }: LoadedMenuProps & { schedule: Schedule }) {
  return (
    <DialogPopover opened={opened} onChange={onChange} label={`Schedule of ${schedule.title}`} widthPx={320} isPadded>
      <TimesForm schedule={schedule} onDone={() => onChange(false)} />
    </DialogPopover>
  )
}

function TimesForm({ schedule, onDone }: { schedule: Schedule; onDone: () => void }) {
  const [cron, setCron] = useState(schedule.cron)
  const [timeZone, setTimeZone] = useState(schedule.timeZone)
  const saveSchedule = useSetSchedule()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    saveSchedule.mutate({ schedule: schedule.id, cron: cron.trim(), timeZone: timeZone.trim() }, { onSuccess: onDone })
  }
  return (
    <form onSubmit={submit} className="stack gap-10">
      <TextInput
        label="Cron expression"
        description="minute, hour, day, month, day of the week"
        data-autofocus
        value={cron}
        error={saveSchedule.error?.message}
        onChange={(event) => setCron(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        classNames={{ input: classes.cron ?? '' }}
      />
      <TextInput
        label="Time zone"
        value={timeZone}
        onChange={(event) => setTimeZone(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={saveSchedule.isPending}>
          Save
        </WaitingButton>
      </div>
    </form>
  )
}
