'use client'
import { Button, Modal } from '@mantine/core'
import { formatQuantity } from '@/lib/format/count'
import classes from './history-panel.module.css'

type ClearHistoryProps = { opened: boolean; entryCount: number; onClose: () => void; onConfirm: () => void }

/** Asks before the history is cleared. */
export function ClearHistory({ opened, entryCount, onClose, onConfirm }: ClearHistoryProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Clear history"
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <p className={classes.question}>
        {formatQuantity(entryCount, 'query', 'queries')} will be deleted from this browser. The text in the editor
        stays. This cannot be undone.
      </p>
      <div className="flow gap-8 to-end">
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button color="red" onClick={onConfirm}>
          Clear history
        </Button>
      </div>
    </Modal>
  )
}
