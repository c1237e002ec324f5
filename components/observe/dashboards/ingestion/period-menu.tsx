'use client'
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { parseClockTime, startOfDay } from '@/lib/format/time'
import { PERIODS } from './period'
import classes from './period-choice.module.css'
import type { PeriodChoice } from './use-period'

/** Longer than the longest day, and shorter than the shortest two. */
const INTO_NEXT_DAY_MS = 30 * 60 * 60_000

/** Less usual periods, and one from any time to any other. */
export function PeriodMenu({ choice, opened, onChange }: LoadedMenuProps & { choice: PeriodChoice }) {
  const { timeZone } = choice.period
  const { isByDay } = choice.offered
  const [texts, setTexts] = useState({ from: '', to: '' })
  const midnightOf = (text: string) => parseClockTime(`${text}T00:00:00`, timeZone)
  // The last day is included.
  const [from, to] = isByDay
    ? [midnightOf(texts.from), startOfDay(midnightOf(texts.to) + INTO_NEXT_DAY_MS, timeZone)]
    : [parseClockTime(texts.from, timeZone), parseClockTime(texts.to, timeZone)]
  const problem = texts.to !== '' && to <= from ? 'The end has to be after the start.' : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onChange(false)
    choice.select(from, to)
  }
  const field = (name: 'from' | 'to', label: string) => (
    <TextInput
      type={isByDay ? 'date' : 'datetime-local'}
      label={label}
      value={texts[name]}
      onChange={({ currentTarget: { value } }) => setTexts((known) => ({ ...known, [name]: value }))}
    />
  )
  return (
    <DialogPopover opened={opened} onChange={onChange} label="More time ranges" widthPx={400}>
      <div className={classes.menu}>
        <div className={classes.names}>
          {choice.offered.menu.map((name) => (
            <Button
              key={name}
              variant={choice.range === name ? 'light' : 'default'}
              aria-pressed={choice.range === name}
              onClick={() => {
                onChange(false)
                choice.choose(name)
              }}
            >
              {PERIODS[name]}
            </Button>
          ))}
        </div>
        <form className={classes.menu} style={{ padding: 0 }} onSubmit={submit}>
          <div className={classes.fields}>
            {field('from', 'From')}
            {field('to', 'To')}
          </div>
          <p className="bare quiet small">
            {problem ?? (isByDay ? `Whole days, in ${timeZone}.` : `Whole hours, in ${timeZone}.`)}
          </p>
          <Button type="submit" disabled={!(to > from)}>
            Show this period
          </Button>
        </form>
      </div>
    </DialogPopover>
  )
}
