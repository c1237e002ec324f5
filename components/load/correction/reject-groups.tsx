'use client'
import { Button } from '@mantine/core'
import { useMemo, useState } from 'react'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { LoadReject } from '@/lib/contract/jobs'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { recordPosition } from '@/lib/ingest/rejects/record-position'
import type { RecordState } from './corrected-records'
import classes from './correction.module.css'
import { groupRejects, type RejectGroup } from './group-rejects'
import { ReplaceForm } from './replace-form'
import type { Replacement } from './replace-values'

/** Groups of so few rejects are all open; of more, the first one. */
const MAX_OPEN = 20
const SHOWN_VALUES = 5
const SHOWN_REJECTS = 100
const SHOWN_VALUE_CHARS = 60

type RejectGroupsProps = {
  rejects: readonly LoadReject[]
  /** One for each reject: that of its record. */
  states: readonly RecordState[]
  /** One for each reject: whether the text still has its value. */
  hasValue: readonly boolean[]
  onSelect: (index: number) => void
  /** How many values a replacement would change in the text as it is. */
  onCount: (replacement: Replacement) => number
  onReplace: (replacement: Replacement) => void
}

/** Why rows were rejected, by column and reason: the values, what replaces them, and the single rows. */
export function RejectGroups(props: RejectGroupsProps) {
  const { rejects } = props
  const groups = useMemo(() => groupRejects(rejects), [rejects])
  return (
    <div className={classes.groups}>
      {groups.map((group, i) => (
        <Group key={group.key} group={group} isFirst={i === 0} {...props} />
      ))}
    </div>
  )
}

function Group({ group, isFirst, ...props }: RejectGroupsProps & { group: RejectGroup; isFirst: boolean }) {
  const { rejects, states } = props
  const { column, reason, indexes, values } = group
  const [isOpen, setOpen] = useState(isFirst || rejects.length <= MAX_OPEN)
  const doneCount = indexes.filter((index) => states[index] !== 'as-it-came').length
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className={classes.summary}>
        <b>{column ?? 'The row'}</b> {reason}{' '}
        <span className="secondary">
          {formatCount(indexes.length)}
          {doneCount > 0 && `, ${formatCount(doneCount)} corrected`}
        </span>
      </summary>
      {isOpen && (
        <>
          {column !== null && values.length > 0 && <Values column={column} group={group} {...props} />}
          <Rows indexes={indexes} {...props} />
        </>
      )}
    </details>
  )
}

function Values({
  column,
  group: { indexes, values },
  rejects,
  hasValue,
  onCount,
  onReplace,
}: Omit<RejectGroupsProps, 'states' | 'onSelect'> & { column: string; group: RejectGroup }) {
  const [replaced, setReplaced] = useState<string | null>(null)
  const remaining = new Set(indexes.flatMap((index) => (hasValue[index] === true ? (rejects[index]?.value ?? []) : [])))
  const moreCount = values.length - SHOWN_VALUES
  return (
    <ul className={classes.values} aria-label={`Rejected values of ${column}`}>
      {values.slice(0, SHOWN_VALUES).map(({ value, count }) => (
        <li key={value}>
          {replaced === value ? (
            <ReplaceForm
              column={column}
              value={value}
              onCount={onCount}
              onCancel={() => setReplaced(null)}
              onReplace={(replacement) => {
                setReplaced(null)
                onReplace(replacement)
              }}
            />
          ) : (
            <>
              <RejectedValue value={value} /> <span className="secondary">{formatCount(count)}</span>
              {remaining.has(value) && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  aria-label={`Replace ${value === '' ? 'the empty value' : value} in ${column}…`}
                  onClick={() => setReplaced(value)}
                >
                  Replace…
                </Button>
              )}
            </>
          )}
        </li>
      ))}
      {moreCount > 0 && <li className="secondary">{formatQuantity(moreCount, 'more value')}</li>}
    </ul>
  )
}

function Rows({
  indexes,
  rejects,
  states,
  onSelect,
}: Pick<RejectGroup, 'indexes'> & Pick<RejectGroupsProps, 'rejects' | 'states' | 'onSelect'>) {
  const moreCount = indexes.length - SHOWN_REJECTS
  return (
    <ol className={classes.reasons}>
      {indexes.slice(0, SHOWN_REJECTS).map((index) => {
        const reject = rejects[index]
        if (reject === undefined) return null
        const { file, value, reason, text } = reject
        const state = states[index]
        const isDone = state !== 'as-it-came'
        return (
          <li key={index} className={classes.reasonLine} data-done={isDone || undefined}>
            <button
              type="button"
              className={classes.reason}
              disabled={isDone || text === null}
              onClick={() => onSelect(index)}
            >
              <span className="quiet">
                {file !== null && `${file}, `}
                {recordPosition(reject)}
              </span>{' '}
              {value !== null && <RejectedValue value={value} />} {reason}
            </button>
            {isDone && <span className="secondary dense">{state}</span>}
          </li>
        )
      })}
      {moreCount > 0 && <li className="secondary">{formatQuantity(moreCount, 'more row')}, found in the text above</li>}
    </ol>
  )
}

function RejectedValue({ value }: { value: string }) {
  if (value === '') return <i className="quiet">empty</i>
  return (
    <b>
      <VisibleText>{value.length > SHOWN_VALUE_CHARS ? `${value.slice(0, SHOWN_VALUE_CHARS)}…` : value}</VisibleText>
    </b>
  )
}
