'use client'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import { TableSidePanel } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { isExpiryEdit, type SnapshotPanels } from '../refs/use-snapshot-panels'

const LazyRefMovePanel = lazyComponent(async () => (await import('../refs/ref-move-panel')).RefMovePanel)
const LazyRefFormPanel = lazyComponent(async () => (await import('../refs/ref-form-panel')).RefFormPanel)
const LazyRefDropPanel = lazyComponent(async () => (await import('../refs/ref-drop-panel')).RefDropPanel)
const LazyExpiryPanels = lazyComponent(async () => (await import('../expiry/expiry-panels')).ExpiryPanels)
const LazySnapshotDetail = lazyComponent(async () => (await import('./snapshot-detail')).SnapshotDetail)
const LazyPublishPanels = lazyComponent(
  async () => (await import('@/components/table/publishing/publish-panels')).PublishPanels,
)

type SnapshotSidePanelProps = {
  panels: SnapshotPanels
  /** The snapshot whose details are open. */
  chosen: Snapshot | null
  mainSnapshotId: string | null
  canMove: boolean
  canTag: boolean
  /** Hears which snapshots the open expiry would remove. */
  onGoing: (snapshotIds: ReadonlySet<string> | null) => void
  onDone: (result: CompletedAction) => void
}

/** The panel that is open next to the snapshots. */
export function SnapshotSidePanel(props: SnapshotSidePanelProps) {
  const { panels, chosen, mainSnapshotId, canMove, canTag, onGoing, onDone } = props
  const { move, to, edit, step, of } = panels.panel
  const canUndo = useCanEdit('table:maintain').isOffered === true
  const canEdit = edit === 'tag' ? canTag : edit === 'undo-expiry' ? canUndo : canMove
  const close = () => panels.close()
  return move !== null && canMove ? (
    <TableSidePanel>
      <LazyRefMovePanel
        key={`${move} ${to}`}
        branch={move}
        to={to}
        onChoose={panels.openMove}
        onClose={close}
        onDone={onDone}
      />
    </TableSidePanel>
  ) : edit !== null && of !== null && canEdit ? (
    <TableSidePanel>
      {isExpiryEdit(edit) ? (
        <LazyExpiryPanels
          key={edit}
          edit={edit}
          of={of}
          onSubject={panels.changeOf}
          onGoing={onGoing}
          onClose={close}
          onDone={onDone}
        />
      ) : edit === 'remove' ? (
        <LazyRefDropPanel key={of} refName={of} onClose={close} onDone={onDone} />
      ) : (
        <LazyRefFormPanel key={`${edit} ${of}`} form={edit} of={of} onClose={close} />
      )}
    </TableSidePanel>
  ) : step !== null ? (
    <TableSidePanel>
      <LazyPublishPanels key={`${step} ${of}`} step={step} of={of} onClose={close} onDone={onDone} />
    </TableSidePanel>
  ) : (
    chosen && (
      <TableSidePanel>
        <LazySnapshotDetail
          snapshot={chosen}
          onRollBack={
            canMove && chosen.isOnMain && chosen.snapshotId !== mainSnapshotId
              ? () => panels.openMove('main', { snapshotId: chosen.snapshotId })
              : null
          }
          onClose={close}
        />
      </TableSidePanel>
    )
  )
}
