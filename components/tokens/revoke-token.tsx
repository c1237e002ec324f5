'use client'
import { Modal } from '@mantine/core'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useRevokeToken } from '@/lib/client/tokens'
import type { Token } from '@/lib/contract/tokens'
import classes from './tokens.module.css'

/** The last step before a token ends: what uses it is refused from then on. */
export function RevokeToken({ token, onClose }: { token: Token | null; onClose: () => void }) {
  return (
    <Modal
      opened={token !== null}
      onClose={onClose}
      title={`Revoke ${token?.name ?? ''}`}
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {token && <RevokeConfirm token={token} onClose={onClose} />}
    </Modal>
  )
}

function RevokeConfirm({ token, onClose }: { token: Token; onClose: () => void }) {
  const revoke = useRevokeToken()
  return (
    <div className={classes.form}>
      <p className={classes.hint}>
        What acts for {token.username} with it is refused at its next request. A revoked token never holds again.
      </p>
      {revoke.error && <ProblemNote error={revoke.error} subject={token.name} unchanged="The token was not revoked." />}
      <DangerConfirm
        name={token.name}
        action="Revoke"
        isPending={revoke.isPending}
        onConfirm={() => revoke.mutate(token.tokenId, { onSuccess: onClose })}
        onCancel={onClose}
      />
    </div>
  )
}
