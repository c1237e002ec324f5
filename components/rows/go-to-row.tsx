'use client'
import { TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { formatCount } from '@/lib/format/count'

/** Any row by its number, counted from 1: the way to a row no scroll bar is fine enough for. */
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
    <form onSubmit={submit}>
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
