'use client'
import { Button, Modal } from '@mantine/core'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useRemoveQuery } from '@/lib/client/queries'
import type { ListedQuery } from '@/lib/contract/queries'
import panelClasses from '../history-panel.module.css'

/** Asks before a saved query is removed. */
export function RemoveQuery({
  query,
  onClose,
  onRemoved,
}: {
  /** Null: the dialog is closed. */
  query: ListedQuery | null
  onClose: () => void
  onRemoved: (queryId: string) => void
}) {
  const remove = useRemoveQuery()
  const close = () => {
    remove.reset()
    onClose()
  }
  return (
    <Modal
      opened={query !== null}
      onClose={close}
      title="Remove saved query"
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {query && (
        <>
          <p className={panelClasses.question}>
            “{query.name}” will be removed{query.isShared ? ' for the whole team' : ''}. The text in the editor stays.
            This cannot be undone.
          </p>
          {remove.error && <ProblemNote error={remove.error} unchanged="The query was not removed." />}
          <div className="flow gap-8 to-end">
            <Button variant="default" data-autofocus onClick={close}>
              Cancel
            </Button>
            <WaitingButton
              color="red"
              loading={remove.isPending}
              onClick={() =>
                remove.mutate(query.queryId, {
                  onSuccess: () => {
                    onRemoved(query.queryId)
                    close()
                  },
                })
              }
            >
              Remove
            </WaitingButton>
          </div>
        </>
      )}
    </Modal>
  )
}
