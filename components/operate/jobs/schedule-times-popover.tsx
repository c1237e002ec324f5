'use client'
import { Button, Popover, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useSetSchedule } from '@/lib/client/jobs/change-runs'
import type { Schedule } from '@/lib/contract/jobs'
import classes from './jobs.module.css'

/** The times of a schedule, as a form. The server says why a cron expression is invalid. */
export function ScheduleTimesPopover({ schedule, opened, onChange }: LoadedMenuProps & { schedule: Schedule }) {
  return (
    <Popover
      opened={opened}
      onChange={onChange}
      width={320}
      position="bottom-end"
      trapFocus
      returnFocus
      withRoles={false}
    >
      <Popover.Target>{menuAnchor()}</Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={`Schedule of ${schedule.title}`}>
        <TimesForm schedule={schedule} onDone={() => onChange(false)} />
      </Popover.Dropdown>
    </Popover>
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
