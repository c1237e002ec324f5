'use client'
import { Button, Textarea } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { rejectsQuery } from '@/lib/client/jobs/rejects'
import type { LoadReject } from '@/lib/contract/jobs'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { correctedRecords, findPart, type RecordState } from './corrected-records'
import classes from './typed-rows.module.css'

/** In characters: larger texts are loaded as files. */
const MAX_TEXT_CHARS = 1_048_576

type TypedRowsProps = {
  label: string
  initialText: string
  /** The run whose rejected rows the text has; null for rows that the user pastes. */
  runId: string | null
  /** Whether the text that was used last is a file of the load: it may have been removed, or handed over. */
  isUsed: boolean
  onUse: (text: string) => void
}

/** Rows as a text that the user writes, pastes or corrects. They become a file of the load when the user says so. */
export function TypedRows({ label, initialText, runId, isUsed, onUse }: TypedRowsProps) {
  const [text, setText] = useState(initialText)
  const [lastText, setLastText] = useState<string | null>(null)
  const usedText = isUsed ? lastText : null
  const area = useRef<HTMLTextAreaElement>(null)
  const select = (rejects: readonly LoadReject[], index: number) => {
    const part = findPart(text, rejects, index)
    const { current } = area
    if (part === null || !current) return
    current.focus()
    current.setSelectionRange(part.start, part.end)
  }
  return (
    <div className={classes.typed}>
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
      {text.length === MAX_TEXT_CHARS && (
        <p className="bare secondary dense">
          A text has at most {formatCount(MAX_TEXT_CHARS)} characters. Load more rows as a file.
        </p>
      )}
      <div className={classes.actions}>
        <Button
          variant="default"
          disabled={text.trim() === '' || text === usedText}
          onClick={() => {
            setLastText(text)
            onUse(text)
          }}
        >
          {usedText === null ? 'Use these rows' : 'Use the changed rows'}
        </Button>
        {usedText !== null && (
          <span className="secondary dense" role="status">
            {text === usedText ? 'The first rows are below, as they would be stored.' : 'Changed since they were used.'}
          </span>
        )}
      </div>
      {runId !== null && <RejectReasons runId={runId} initialText={initialText} text={text} onSelect={select} />}
    </div>
  )
}

/** Why each row was rejected; a click selects the part that did not fit, or goes to the row if the part is not known. */
function RejectReasons({
  runId,
  initialText,
  text,
  onSelect,
}: {
  runId: string
  initialText: string
  text: string
  onSelect: (rejects: readonly LoadReject[], index: number) => void
}) {
  const query = useInfiniteQuery(rejectsQuery(runId, { isFinal: true }))
  const [first] = query.data?.pages ?? []
  if (!first)
    return <Unloaded query={query} subject="The reasons" skeleton={[3, 2, 'Reading why rows were rejected']} />
  const { rejects, totalCount } = first
  const states = correctedRecords(initialText, text, rejects)
  const countOf = (state: RecordState) => states.filter((one) => one === state).length
  const deletedCount = countOf('deleted')
  return (
    <section aria-label="Why they were rejected">
      <p className="bare secondary dense" role="status">
        {formatCount(countOf('changed'))} of {formatQuantity(rejects.length, 'value')} changed
        {deletedCount > 0 &&
          `, ${formatCount(deletedCount)} deleted with ${deletedCount === 1 ? 'its row' : 'their rows'}`}
        {rejects.length < totalCount && `; ${formatCount(totalCount - rejects.length)} more are listed in the run`}
      </p>
      <ol className={classes.reasons}>
        {rejects.map((reject, i) => {
          const { file, line, column, reason, text: record } = reject
          const state = states[i]
          const isDone = state !== 'as-it-came'
          return (
            <li key={i} className={classes.reasonLine} data-done={isDone || undefined}>
              <button
                type="button"
                className={classes.reason}
                disabled={isDone || record === null}
                onClick={() => onSelect(rejects, i)}
              >
                <span className="quiet">
                  {file !== null && `${file}, `}line {formatCount(line)}
                </span>{' '}
                <b>{column ?? 'the row'}</b> {reason}
              </button>
              {isDone && <span className="secondary dense">{state}</span>}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
