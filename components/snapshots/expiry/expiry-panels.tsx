'use client'
import type { CompletedRefChange } from '../refs/completed-ref-change'
import type { ExpiryEdit } from '../use-snapshot-panels'
import { ExpiryPanel, type ExpiryPanelProps } from './expiry-panel'
import { ExpiryUndoPanel } from './expiry-undo-panel'

type ExpiryPanelsProps = ExpiryPanelProps & { edit: ExpiryEdit; onDone: (done: CompletedRefChange) => void }

/** The panel of an expiry, or of its undo. */
export function ExpiryPanels({ edit, ...props }: ExpiryPanelsProps) {
  const { of, onClose, onDone } = props
  if (edit === 'expire') return <ExpiryPanel {...props} />
  return (
    <ExpiryUndoPanel
      auditId={of}
      onClose={onClose}
      onDone={(done) => onDone('proposal' in done ? done : { ...done, canUndo: false })}
    />
  )
}
