'use client'
import { Button, Textarea } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { keepFocusNearby } from '@/components/ui/keep-focus-nearby'
import { formatCount } from '@/lib/format/count'
import type { TextPart } from '@/lib/ingest/text-reader'
import classes from './correction.module.css'
import { RejectReasons } from './reject-reasons'
import type { ValueSyntax } from './replace-values'

/** In characters: larger texts are loaded as files. */
const MAX_TEXT_CHARS = 1_048_576

type TypedRowsProps = {
  label: string
  initialText: string
  /** Whether the text that was used last is a file of the load: it may have been removed, or handed over. */
  isUsed: boolean
  /** Why the rows cannot be used; null if they can. */
  blocker?: string | null
  onUse: (text: string) => void
  /** The run whose rejected rows the text has, and how they are written; null for other rows. */
  corrected?: { runId: string; syntax: ValueSyntax } | null
  /** Whether the user has just asked for the text: the button that opened it is gone. */
  takesFocus?: boolean
}

/** Rows as a text that the user writes, pastes or corrects. They become a file of the load when the user says so. */
export function TypedRows({
  label,
  initialText,
  isUsed,
  blocker = null,
  onUse,
  corrected = null,
  takesFocus = false,
}: TypedRowsProps) {
  const [text, setText] = useState(initialText)
  const [lastText, setLastText] = useState<string | null>(null)
  const usedText = isUsed ? lastText : null
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (takesFocus) area.current?.focus()
  }, [takesFocus])
  const select = ({ start, end }: TextPart) => {
    area.current?.focus()
    area.current?.setSelectionRange(start, end)
  }
  return (
    <div ref={keepFocusNearby} className={classes.typed}>
      <Textarea
        ref={area}
        label={label}
        placeholder={'id,name\n1,Ada'}
        value={text}
        maxLength={MAX_TEXT_CHARS}
        autosize
        minRows={4}
        maxRows={14}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: classes.area }}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {text.length >= MAX_TEXT_CHARS && (
        <p className="bare secondary dense">
          A text has at most {formatCount(MAX_TEXT_CHARS)} characters. Load more rows as a file.
        </p>
      )}
      <div className={classes.actions}>
        <Button
          variant="default"
          disabled={blocker !== null || text.trim() === '' || text === usedText}
          onClick={() => {
            setLastText(text)
            onUse(text)
          }}
        >
          {usedText === null ? 'Use these rows' : 'Use the changed rows'}
        </Button>
        {blocker === null && usedText !== null && (
          <span className="secondary dense" role="status">
            {text === usedText ? 'The first rows are below, as they would be stored.' : 'Changed since they were used.'}
          </span>
        )}
        {blocker !== null && (
          <span className="warn dense" role="status">
            {blocker}
          </span>
        )}
      </div>
      {corrected !== null && (
        <RejectReasons {...corrected} initialText={initialText} text={text} onChange={setText} onSelect={select} />
      )}
    </div>
  )
}
