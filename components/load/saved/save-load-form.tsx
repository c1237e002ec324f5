'use client'
import { Button, Checkbox } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { PreviewedTimes } from '@/components/about/schedules/previewed-times'
import { type Repeat, REPEAT_LABELS, REPEATS, toCron } from '@/components/about/schedules/repeat-choices'
import { CronField, ScheduleNameField, TimeZoneField } from '@/components/about/schedules/schedule-fields'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { newLoadKey, type SavedLoadForm, useSaveLoad } from '@/lib/client/jobs/loads'
import type { LoadConfirmations } from '@/lib/contract/loads/load-confirmations'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from '../load-review.module.css'

/** The load, apart from when it is repeated. */
export type LoadToSave = Pick<
  SavedLoadForm,
  'inputs' | 'options' | 'landing' | keyof LoadConfirmations | 'maxRejectedRows' | 'maxRejectedShare'
>

type SaveLoadFormProps = {
  table: TableIdentifier
  load: LoadToSave
  suggestedName: string
  /** To be typed where the load replaces rows; null: it only adds or updates some. */
  typedName: string | null
  onCancel: () => void
  onSaved: (saved: { title: string; runId: string | null }) => void
}

/** Name, times and files of a load that is repeated. */
export function SaveLoadForm({ table, load, suggestedName, typedName, onCancel, onSaved }: SaveLoadFormProps) {
  const hasPattern = load.inputs.some((input) => 'match' in input)
  const save = useSaveLoad(table)
  const [key, setKey] = useState(newLoadKey)
  const [name, setName] = useState(suggestedName)
  const [repeat, setRepeat] = useState<Repeat>('nightly')
  const [ownCron, setOwnCron] = useState('30 3 * * *')
  const zone = useTimeZone()
  const [timeZone, setTimeZone] = useState(zone)
  const [newFilesOnly, setNewFilesOnly] = useState(hasPattern)
  const [loadsChanged, setLoadsChanged] = useState(false)
  const [runsNow, setRunsNow] = useState(true)
  const cron = toCron(repeat, ownCron)
  const isComplete = name.trim() !== '' && (cron !== null || repeat === 'hand')
  const submit = (confirmedName?: string) => {
    if (!isComplete) return
    save.mutate(
      {
        ...load,
        name: name.trim(),
        ...(cron !== null && { times: { cron, timeZone: timeZone.trim() } }),
        newFilesOnly,
        changedFiles: loadsChanged ? 'load-again' : 'report',
        runsNow,
        ...(confirmedName !== undefined && { confirmedName }),
        idempotencyKey: key,
      },
      {
        onSuccess: ({ schedule, run }) => onSaved({ title: schedule.title, runId: run?.id ?? null }),
        // A refused request may be sent again with other choices, under another key.
        onError: () => setKey(newLoadKey()),
      },
    )
  }
  return (
    <form
      className="stack gap-10"
      aria-label="Save this load"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (typedName === null) submit()
      }}
    >
      {save.error && <ProblemNote error={save.error} title="The load was not saved" unchanged="Nothing was saved." />}
      <ScheduleNameField value={name} onChange={setName} data-autofocus />
      <LazySelect
        label="Repeat"
        data={REPEATS.map((value) => ({ value, label: REPEAT_LABELS[value] }))}
        value={repeat}
        allowDeselect={false}
        onChange={(value) => value !== null && setRepeat(value)}
      />
      {repeat === 'own' && <CronField value={ownCron} onChange={setOwnCron} />}
      {cron !== null && (
        <>
          <TimeZoneField value={timeZone} onChange={setTimeZone} />
          <PreviewedTimes cron={cron} timeZone={timeZone.trim()} />
        </>
      )}
      <Checkbox
        label="Load new files only"
        description="Each file is loaded once, by the first run that finds it."
        checked={newFilesOnly}
        onChange={(event) => setNewFilesOnly(event.currentTarget.checked)}
      />
      {newFilesOnly && (
        <Checkbox
          label="Load a file again when it changes"
          description="Otherwise a run only reports it. An append adds its rows again."
          checked={loadsChanged}
          onChange={(event) => setLoadsChanged(event.currentTarget.checked)}
        />
      )}
      <Checkbox
        label="Start the first run now"
        checked={runsNow}
        onChange={(event) => setRunsNow(event.currentTarget.checked)}
      />
      <p className="bare secondary dense">Its runs act for you, with the grants that you have then.</p>
      <div className={classes.foot}>
        <Button variant="default" onClick={onCancel} disabled={save.isPending}>
          Cancel
        </Button>
        {typedName === null ? (
          <WaitingButton type="submit" loading={save.isPending} disabled={!isComplete}>
            Save load
          </WaitingButton>
        ) : (
          <DangerConfirm
            name={typedName}
            action="Save load"
            isPending={save.isPending}
            isDisabled={!isComplete}
            onConfirm={() => submit(typedName)}
          />
        )}
      </div>
    </form>
  )
}
