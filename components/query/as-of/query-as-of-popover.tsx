'use client'
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { QueryTab } from '@/lib/client/query/query-tabs'
import { parseClockTime } from '@/lib/format/time'
import classes from './query-as-of.module.css'

type AsOfPickerProps = { asOf: QueryTab['asOf']; onPick: (asOf: QueryTab['asOf']) => void }

/** Now, a time, or a branch or tag by name: tables of a query do not share their snapshots. */
export function QueryAsOfPopover({ asOf, onPick, ...state }: LoadedMenuProps & AsOfPickerProps) {
  const pick = (next: QueryTab['asOf']) => {
    state.onChange(false)
    onPick(next)
  }
  return (
    <DialogPopover label="As of" widthPx={360} position="bottom-start" {...state}>
      <AsOfPicker asOf={asOf} onPick={pick} />
    </DialogPopover>
  )
}

function AsOfPicker({ asOf, onPick }: AsOfPickerProps) {
  const timeZone = useTimeZone()
  const [time, setTime] = useState('')
  const [ref, setRef] = useState(asOf !== null && 'ref' in asOf ? asOf.ref : '')
  const atMs = parseClockTime(time, timeZone)
  const submitTime = (event: FormEvent) => {
    event.preventDefault()
    if (Number.isFinite(atMs)) onPick({ atMs })
  }
  const submitRef = (event: FormEvent) => {
    event.preventDefault()
    if (ref.trim() !== '') onPick({ ref: ref.trim() })
  }
  return (
    <div className="stack gap-12 padded">
      <p className={classes.about}>For tables without FOR VERSION AS OF or FOR TIMESTAMP AS OF in the query.</p>
      <form className={classes.choice} onSubmit={submitTime}>
        <TextInput
          type="datetime-local"
          step={1}
          label={`At a time (${timeZone})`}
          value={time}
          onChange={(event) => setTime(event.currentTarget.value)}
          className="grow"
        />
        <Button type="submit" variant="default" disabled={!Number.isFinite(atMs)}>
          Apply time
        </Button>
      </form>
      <form className={classes.choice} onSubmit={submitRef}>
        <TextInput
          label="Branch or tag"
          value={ref}
          onChange={(event) => setRef(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          className="grow"
        />
        <Button type="submit" variant="default" disabled={ref.trim() === ''}>
          Apply ref
        </Button>
      </form>
      <Button variant="default" disabled={asOf === null} onClick={() => onPick(null)}>
        Back to now
      </Button>
    </div>
  )
}
