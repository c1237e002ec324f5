'use client'
import { Button } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { useSetSchedule } from '@/lib/client/jobs/change-runs'
import type { Schedule } from '@/lib/contract/jobs'
import { CronField, ScheduleNameField, TimeZoneField } from './schedule-fields'
import classes from './schedule-table.module.css'

/** The times of a schedule, as a form. */
export function ScheduleTimesPopover({ schedule, opened, onChange }: LoadedMenuProps & { schedule: Schedule }) {
  return (
    <DialogPopover opened={opened} onChange={onChange} label={`Schedule of ${schedule.title}`} widthPx={320} isPadded>
      <TimesForm schedule={schedule} onDone={() => onChange(false)} />
    </DialogPopover>
  )
}

function TimesForm({ schedule, onDone }: { schedule: Schedule; onDone: () => void }) {
  const ownZone = useTimeZone()
  const [name, setName] = useState(schedule.title)
  const [cron, setCron] = useState(schedule.cron)
  const [timeZone, setTimeZone] = useState(schedule.timeZone === '' ? ownZone : schedule.timeZone)
  const saveSchedule = useSetSchedule()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const times = { cron: cron.trim(), timeZone: timeZone.trim() }
    const isRenamed = schedule.owner !== null && name.trim() !== schedule.title
    const { id, version } = schedule
    saveSchedule.mutate(
      { schedule: id, version, ...(times.cron !== '' && times), ...(isRenamed && { name: name.trim() }) },
      { onSuccess: onDone },
    )
  }
  return (
    <form onSubmit={submit} className="stack gap-10">
      {schedule.owner !== null && <ScheduleNameField value={name} onChange={setName} />}
      <CronField value={cron} error={saveSchedule.error?.message} onChange={setCron} data-autofocus />
      <TimeZoneField value={timeZone} onChange={setTimeZone} />
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
