'use client'
import { Button, Popover, TextInput } from '@mantine/core'
import { IconClock } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useSetSchedule } from '@/lib/client/jobs'
import type { Schedule } from '@/lib/contract/jobs'
import classes from './jobs.module.css'
import { WaitingButton } from '@/components/ui/controls/waiting-button'

/** Edits the times of a schedule. The server says why a cron expression is invalid. */
export function ScheduleTimes({ schedule }: { schedule: Schedule }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover opened={isOpen} onChange={setOpen} width={320} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          aria-label={`Edit schedule: ${schedule.title}`}
          aria-haspopup="dialog"
          aria-expanded={isOpen}
          leftSection={<IconClock size={14} stroke={1.6} aria-hidden />}
          onClick={() => setOpen(!isOpen)}
        >
          Edit schedule
        </Button>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={`Schedule of ${schedule.title}`}>
        <TimesForm schedule={schedule} onDone={() => setOpen(false)} />
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
    <form onSubmit={submit} className={classes.form}>
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
