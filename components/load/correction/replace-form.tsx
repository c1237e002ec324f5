'use client'
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useMemo, useState } from 'react'
import { formatQuantity } from '@/lib/format/count'
import classes from './correction.module.css'
import type { Replacement } from './replace-values'

/** Replaces a value of a column in every row, and says before in how many. */
export function ReplaceForm({
  column,
  value,
  onCount,
  onReplace,
  onCancel,
}: {
  column: string
  value: string
  onCount: (replacement: Replacement) => number
  onReplace: (replacement: Replacement) => void
  onCancel: () => void
}) {
  const [by, setBy] = useState('')
  const replacement = useMemo(() => ({ column, value, by }), [column, value, by])
  const count = onCount(replacement)
  return (
    <form
      className={classes.replace}
      aria-label={`Replace ${value} in ${column}`}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (count > 0) onReplace(replacement)
      }}
    >
      <TextInput
        label={`Instead of ${value === '' ? 'the empty value' : value}`}
        placeholder="null"
        value={by}
        maxLength={10_000}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        onChange={({ currentTarget }) => setBy(currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={count === 0}>
        {count === 0 ? 'Not in the text' : `Replace in ${formatQuantity(count, 'row')}`}
      </Button>
      <Button variant="subtle" onClick={onCancel}>
        Cancel
      </Button>
    </form>
  )
}
