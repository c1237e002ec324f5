'use client'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Mono } from '@/components/ui/values/mono'
import { VisibleText } from '@/components/ui/values/visible-text'
import { formatCount } from '@/lib/format/count'
import type { MappedColumn, MappingLine } from './mapping-lines'
import classes from './mapping-step.module.css'
import { CELL } from './table-roles'

const SHOWN_VALUE_CHARS = 60

export const STATES = {
  'same-name': 'same name',
  guessed: 'guessed: almost the same name',
  chosen: 'chosen',
  ignored: 'left out',
  rest: 'with the other fields',
  'in-expression': 'used in an expression',
  'in-wrong-expression': 'in a wrong expression',
  unmapped: 'has no column',
} as const

/** The type of a column, how it gets its values, and how many of them do not fit. */
export function ColumnCells({ column, how }: { column: MappedColumn | null; how: ReactNode }) {
  return (
    <>
      <td {...CELL} className={classes.type}>
        {column && <Mono>{column.type}</Mono>}
      </td>
      <td {...CELL} className={classes.values}>
        {how}
        {column?.problem && (
          <div className={classes.problem} role="alert">
            {column.problem}
          </div>
        )}
        {column?.firstReject && <FirstReject {...column.firstReject} />}
      </td>
      <td {...CELL} className={classes.number} data-some={(column?.rejectedCount ?? 0) > 0 || undefined}>
        {column === null ? '–' : formatCount(column.rejectedCount)}
        {/* The header is out of sight where a row has two lines. */}
        <span className={classes.word} aria-hidden>
          {' '}
          rejected
        </span>
      </td>
    </>
  )
}

function FirstReject({ position, value, reason }: NonNullable<MappedColumn['firstReject']>) {
  return (
    <div className={classes.reject}>
      {position}: {value !== null && <VisibleText>{`${value.slice(0, SHOWN_VALUE_CHARS)} `}</VisibleText>}
      {reason}
    </div>
  )
}

export function FieldHow({
  line,
  onExpression,
  onSuggestion,
}: {
  line: Extract<MappingLine, { kind: 'field' }>
  onExpression: (column: string) => void
  onSuggestion: (column: string) => void
}) {
  const { column, state, expressionOf, suggestion } = line
  const isOpen = state === 'unmapped' || state === 'in-wrong-expression'
  return (
    <span className={classes.how}>
      <span className={isOpen ? 'warn medium' : 'secondary'}>
        {expressionOf === null
          ? STATES[state]
          : `used in the ${state === 'in-wrong-expression' ? 'wrong ' : ''}expression for ${expressionOf}`}
      </span>
      {suggestion !== null && (
        <Button size="xs" variant="subtle" onClick={() => onSuggestion(suggestion)}>
          Use {suggestion}
        </Button>
      )}
      {column !== null && (
        <Button size="xs" variant="subtle" onClick={() => onExpression(column.name)}>
          Expression
        </Button>
      )}
    </span>
  )
}
