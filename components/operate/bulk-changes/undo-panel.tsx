'use client'
import { Button } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { Panel } from '@/components/ui/panel'
import { type BulkChangeIdentifier, useRunBulkChange } from '@/lib/client/bulk-changes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { countForStep, isUndoWaiting } from './bulk-states'
import { textsFor, undoEffects } from './bulk-texts'
import { type BulkChangeDetail, RunProblem } from './next-step'
import classes from './bulk-change.module.css'

const STOP_EFFECTS =
  'The run stops after its tables under way. Then another run undoes these and all tables that were changed before, as listed above. Tables to go stay as they are. It goes on without this page.'

/** Says in numbers that add up to all tables what an undo does with each, and queues it. */
export function UndoPanel({ on, bulkChange }: { on: BulkChangeIdentifier; bulkChange: BulkChangeDetail }) {
  const { counts, changes, canRun, run, step } = bulkChange
  const start = useRunBulkChange(on)
  const [isAsking, setAsking] = useState(false)
  const { notUndone } = textsFor(changes)
  const undoCount = countForStep(counts, 'undo')
  const isOpen = run?.finishedAtMs === null
  const canUndo = canRun && undoCount > 0 && !isOpen
  const canStop = canRun && isOpen && step === 'write'
  const isWaiting = isUndoWaiting(bulkChange)
  const isRetry = undoCount === counts['not-undone']
  return (
    <Panel
      title="Undo batch"
      actions={
        (canUndo || canStop) &&
        !isAsking && (
          <Button
            variant="default"
            leftSection={<IconArrowBackUp size={15} stroke={1.6} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {canStop ? 'Stop and undo…' : 'Undo batch…'}
          </Button>
        )
      }
    >
      <div className="stack gap-8">
        {start.error && <RunProblem error={start.error} />}
        <ul className={classes.effects} aria-label="Effects of an undo">
          {undoEffects(changes, counts).map(({ count, text }) => (
            <li key={text}>
              <b>{formatCount(count)}</b> <span>{text}</span>
            </li>
          ))}
        </ul>
        <p className="bare quiet small">{notUndone} The list says why.</p>
        {isWaiting && (
          <p className="bare small">The undo begins when the stopped run has finished its tables under way.</p>
        )}
        {canStop && isAsking && (
          <>
            <p className="bare small">{STOP_EFFECTS}</p>
            <div className="flow gap-8 to-end">
              <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
                Cancel
              </Button>
              <WaitingButton
                loading={start.isPending}
                onClick={() =>
                  start.mutate({ step: 'undo', stopsOpenRun: true }, { onSuccess: () => setAsking(false) })
                }
              >
                Stop and undo
              </WaitingButton>
            </div>
          </>
        )}
        {canUndo && isAsking && (
          <div className="flow gap-8 to-end">
            <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <WaitingButton
              loading={start.isPending}
              onClick={() => start.mutate({ step: 'undo' }, { onSuccess: () => setAsking(false) })}
            >
              {isRetry ? 'Retry the undo of' : 'Undo'} {formatQuantity(undoCount, 'table')}
            </WaitingButton>
          </div>
        )}
      </div>
    </Panel>
  )
}
