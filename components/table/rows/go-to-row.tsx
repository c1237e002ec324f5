'use client'
import { TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import classes from './go-to-row.module.css'
import { formatCount } from '@/lib/format/count'

/** Goes to a row by its number, from 1. A scroll bar is too coarse for millions of rows. */
export function GoToRow({ rowCount, onGo }: { rowCount: number; onGo: (row: number) => void }) {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const digits = text.replaceAll(/[\s,_]/g, '')
    const number = /^\d{1,15}$/.test(digits) ? Number(digits) : 0
    if (number < 1 || number > rowCount) {
      setProblem(`1 to ${formatCount(rowCount)}`)
      return
    }
    setProblem(null)
    onGo(number - 1)
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        aria-label="Go to row"
        placeholder="Go to row"
        inputMode="numeric"
        w={120}
        value={text}
        error={problem}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setProblem(null)
        }}
      />
    </form>
  )
}
