'use client'
import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconLoader2,
} from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import type { QueryRunState, QueryRuns } from '@/lib/client/query/query-run'
import { formatQuantity } from '@/lib/format/count'
import classes from './statement-switch.module.css'

/** The statements of the last run with their outcomes. The chosen one is shown below. */
export function StatementSwitch({
  runs: { states, shown },
  onShow,
}: {
  runs: QueryRuns
  onShow: (index: number) => void
}) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    // Only the list scrolls, not the page.
    const item = list.current?.children[shown]
    if (list.current && item instanceof HTMLElement) list.current.scrollLeft = item.offsetLeft - list.current.offsetLeft
  }, [shown])
  return (
    <nav aria-label="Statements" className={classes.switch}>
      <ul ref={list} className={classes.list}>
        {states.map((state, index) => {
          const position = 'position' in state ? state.position : undefined
          if (position === undefined) return null
          return (
            <li key={position.number}>
              <button
                type="button"
                className={classes.statement}
                aria-current={index === shown ? 'true' : undefined}
                title={position.text.slice(0, MAX_TITLE_CHARS)}
                onClick={() => onShow(index)}
              >
                <Mark state={state} />
                <span>{position.number}</span>
                <code className={classes.sql}>{position.text.slice(0, MAX_LABEL_CHARS).replace(/\s+/g, ' ')}</code>
                <span className={classes.outcome}>{outcomeText(state)}</span>
              </button>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

const MAX_TITLE_CHARS = 500
const MAX_LABEL_CHARS = 60

function Mark({ state }: { state: QueryRunState }) {
  const icon = { size: 13, stroke: 1.6, 'aria-hidden': true } as const
  if (state.status === 'done') return <IconCheck {...icon} />
  if (state.status === 'running') return <IconLoader2 {...icon} />
  if (state.status === 'skipped') return <IconCircleMinus {...icon} />
  if (state.status === 'failed')
    return state.error.code === 'cancelled' ? (
      <IconAlertTriangle {...icon} className="warn" />
    ) : (
      <IconAlertOctagon {...icon} className="removed" />
    )
  return <IconCircleDashed {...icon} />
}

function outcomeText(state: QueryRunState): string {
  switch (state.status) {
    case 'done':
      return state.result.isText ? 'text' : formatQuantity(state.result.rowCount, 'row')
    case 'failed':
      return state.error.code === 'cancelled' ? 'cancelled' : 'failed'
    case 'skipped':
      return 'not run'
    case 'running':
      return 'running'
    default:
      return 'waiting'
  }
}
