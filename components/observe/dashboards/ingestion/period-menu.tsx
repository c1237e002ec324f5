'use client'
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { parseClockTime } from '@/lib/format/time'
import { MENU_PERIODS, PERIODS } from './period'
import classes from './period-choice.module.css'
import type { PeriodChoice } from './use-period'

/** Less usual periods, and one from any time to any other. */
export function PeriodMenu({ choice, opened, onChange }: LoadedMenuProps & { choice: PeriodChoice }) {
  const { timeZone } = choice.period
  const [texts, setTexts] = useState({ from: '', to: '' })
  const [from, to] = [parseClockTime(texts.from, timeZone), parseClockTime(texts.to, timeZone)]
  const problem = texts.to !== '' && to <= from ? 'The end has to be after the start.' : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onChange(false)
    choice.select(from, to)
  }
  const field = (name: 'from' | 'to', label: string) => (
    <TextInput
      type="datetime-local"
      label={label}
      value={texts[name]}
      onChange={({ currentTarget: { value } }) => setTexts((known) => ({ ...known, [name]: value }))}
    />
  )
  return (
    <DialogPopover opened={opened} onChange={onChange} label="More time ranges" widthPx={400}>
      <div className={classes.menu}>
        <div className={classes.names}>
          {MENU_PERIODS.map((name) => (
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
          <p className="bare quiet small">{problem ?? `Whole hours, in ${timeZone}.`}</p>
          <Button type="submit" disabled={!(to > from)}>
            Show this period
          </Button>
        </form>
      </div>
    </DialogPopover>
  )
}
