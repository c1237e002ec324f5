'use client'
import { Modal } from '@mantine/core'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useRevokeToken } from '@/lib/client/tokens'
import type { Token } from '@/lib/contract/tokens'

type RevokeTokenProps = { opened: boolean; token: Token; onClose: () => void }

/** Confirms the revocation of a token. */
export function RevokeToken({ opened, token, onClose }: RevokeTokenProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Revoke ${token.name}`}
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <RevokeConfirm key={token.tokenId} token={token} onClose={onClose} />
    </Modal>
  )
}

function RevokeConfirm({ token, onClose }: { token: Token; onClose: () => void }) {
  const revoke = useRevokeToken()
  return (
    <div className={classes.form}>
      <p className="bare secondary">
        Clients that use this token as {token.username} are rejected from their next request. Revoking cannot be undone.
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
