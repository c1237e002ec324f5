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
  /** Receives the text with every key. */
  onType?: ((text: string) => void) | undefined
  /** Called for Escape in place of `onClose`. */
  onCancel?: (() => void) | undefined
  isFocused?: boolean
  isMono?: boolean
}

/** A field whose text becomes a change when the user presses Enter or leaves it. Escape restores the text. */
export function EditField(props: EditFieldProps) {
  const { label, value, placeholder, onCommit, onClose, onType, onCancel = onClose, isFocused, isMono } = props
  /** The label when typing began: one with the name that is typed would change with every key. */
  const [typingLabel, setTypingLabel] = useState<string | null>(null)
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  const [problem, setProblem] = useState<string | null>(null)
  if (value !== known) {
    setKnown(value)
    // The value of an earlier key may arrive after the next one.
    if (typingLabel === null) {
      setText(value)
      setProblem(null)
    }
  }
  useUnfinishedEdit(label, problem !== null)
  const commit = () => {
    const found = text === value ? null : onCommit(text)
    setProblem(found)
    return found
  }
  return (
    <TextInput
      aria-label={typingLabel ?? label}
      className={classes.field ?? ''}
      data-mono={isMono || undefined}
      value={text}
      {...(placeholder !== undefined && { placeholder })}
      error={problem}
      errorProps={{ className: classes.error ?? '' }}
      autoComplete="off"
      spellCheck={false}
      {...(isFocused && { autoFocus: true, onFocus: (event) => event.currentTarget.select() })}
      onChange={({ currentTarget }) => {
        setTypingLabel(typingLabel ?? label)
        setText(currentTarget.value)
        onType?.(currentTarget.value)
      }}
      onBlur={() => {
        commit()
        setTypingLabel(null)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && commit() === null) onClose()
        if (event.key !== 'Escape') return
        event.stopPropagation()
        setTypingLabel(null)
        setText(value)
        setProblem(null)
        onCancel()
      }}
    />
  )
}
