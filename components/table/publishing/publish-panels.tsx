'use client'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import type { PublishStep } from '@/components/table/refs/use-snapshot-panels'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { lazyComponent } from '@/components/ui/controls/lazy-component'

const LazyCherryPickPanel = lazyComponent(async () => (await import('./cherry-pick-panel')).CherryPickPanel)
const LazyPublishPanel = lazyComponent(async () => (await import('./publish-panel')).PublishPanel)
const LazyResultsPanel = lazyComponent(async () => (await import('./results-panel')).ResultsPanel)
const LazyChecksPanel = lazyComponent(async () => (await import('./checks-panel')).ChecksPanel)

type PublishPanelsProps = {
  step: PublishStep
  /** The snapshot; null for the checks of the table. */
  of: string | null
  onClose: () => void
  onDone: (done: CompletedAction) => void
}

/**
 * The panel of the address that audits or publishes commits. Panels that change the table are for users who may change
 * it, or propose to.
 */
export function PublishPanels({ step, of, onClose, onDone }: PublishPanelsProps) {
  const { isOffered: canMove } = useCanEdit('table:maintain')
  if (step === 'checks') return <LazyChecksPanel onClose={onClose} />
  if (of === null) return null
  if (step === 'results') return <LazyResultsPanel snapshotId={of} onClose={onClose} />
  if (canMove !== true) return null
  return step === 'publish' ? (
    <LazyPublishPanel snapshotId={of} onClose={onClose} onDone={onDone} />
  ) : (
    <LazyCherryPickPanel snapshotId={of} onClose={onClose} onDone={onDone} />
  )
}
