'use client'
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useUnfinishedEdit } from '@/lib/client/table/unfinished-edits'
import classes from './schema-editor.module.css'

type EditFieldProps = {
  label: string
  value: string
  placeholder?: string
  /** Receives the text and returns why it is refused, or null. */
  onCommit: (text: string) => string | null
  onClose: () => void
  /** Called for Escape in place of `onClose`. */
  onCancel?: (() => void) | undefined
  isFocused?: boolean
  isMono?: boolean
}

/** A field whose text becomes a change when the user presses Enter or leaves it. Escape restores the text. */
export function EditField(props: EditFieldProps) {
  const { label, value, placeholder, onCommit, onClose, onCancel = onClose, isFocused, isMono } = props
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  const [problem, setProblem] = useState<string | null>(null)
  if (value !== known) {
    setKnown(value)
    setText(value)
    setProblem(null)
  }
  useUnfinishedEdit(label, problem !== null)
  const commit = () => {
    const found = text === value ? null : onCommit(text)
    setProblem(found)
    return found
  }
  return (
    <TextInput
      aria-label={label}
      className={classes.field ?? ''}
      data-mono={isMono || undefined}
      value={text}
      {...(placeholder !== undefined && { placeholder })}
      error={problem}
      errorProps={{ className: classes.error ?? '' }}
      autoComplete="off"
      spellCheck={false}
      {...(isFocused && { autoFocus: true, onFocus: (event) => event.currentTarget.select() })}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && commit() === null) onClose()
        if (event.key !== 'Escape') return
        event.stopPropagation()
        setText(value)
        setProblem(null)
        onCancel()
      }}
    />
  )
}
