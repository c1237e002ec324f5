'use client'
import { Button } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { Panel } from '@/components/ui/panel'
import { type BulkChangeIdentifier, useRunBulkChange } from '@/lib/client/bulk-changes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { type BulkCounts, countForStep, STATE_LABELS, totalOf } from './bulk-states'
import { textsFor } from './bulk-texts'
import { type BulkChangeDetail, RunProblem } from './next-step'
import classes from './bulk-change.module.css'

/** Says in numbers that add up to all tables what an undo does with each, and queues it. */
export function UndoPanel({ on, bulkChange }: { on: BulkChangeIdentifier; bulkChange: BulkChangeDetail }) {
  const { counts, changes, canRun, run } = bulkChange
  const start = useRunBulkChange(on)
  const [isAsking, setAsking] = useState(false)
  const { undo, notUndone } = textsFor(changes)
  const undoCount = countForStep(counts, 'undo')
  const canUndo = canRun && undoCount > 0 && run?.finishedAtMs !== null
  const rows: [count: number, text: string][] = [
    [counts.changed + counts['not-undone'] + counts.undoing, undo],
    [counts.proposed, 'have an open proposal, which is withdrawn'],
    [counts.undone, 'are undone already'],
    [totalOf(counts) - undoCount - counts.undone, `have nothing to undo${othersText(counts)}`],
  ]
  return (
    <Panel
      title="Undo batch"
      actions={
        canUndo &&
        !isAsking && (
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={15} stroke={1.6} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            Undo batch…
          </Button>
        )
      }
    >
      <div className="stack gap-8">
        {start.error && <RunProblem error={start.error} />}
        <ul className={classes.effects} aria-label="Effects of an undo">
          {rows.flatMap(([count, text]) =>
            count === 0
              ? []
              : [
                  <li key={text}>
                    <b>{formatCount(count)}</b> <span>{text}</span>
                  </li>,
                ],
          )}
        </ul>
        <p className="bare quiet small">{notUndone} The list says why.</p>
        {canUndo && isAsking && (
          <div className="flow gap-8 to-end">
            <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <WaitingButton
              loading={start.isPending}
              onClick={() => start.mutate({ step: 'undo' }, { onSuccess: () => setAsking(false) })}
            >
              Undo {formatQuantity(undoCount, 'table')}
            </WaitingButton>
          </div>
        )}
      </div>
    </Panel>
  )
}

const OTHERS = ['unchanged', 'failed', 'unknown', 'waiting', 'ready', 'ready-to-propose'] as const

function othersText(counts: BulkCounts): string {
  const texts = OTHERS.flatMap((state) =>
    counts[state] === 0 ? [] : `${formatCount(counts[state])} ${STATE_LABELS[state]}`,
  )
  return texts.length === 0 ? '' : `: ${texts.join(', ')}`
}
