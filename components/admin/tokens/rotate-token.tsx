'use client'
import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { ChoiceFieldset } from '@/components/ui/controls/choice-fieldset'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { OneTimeSecret } from '@/components/ui/notes/one-time-secret'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { ExactTime } from '@/components/ui/values/exact-time'
import { useRotateToken } from '@/lib/client/tokens'
import { TOKEN_OVERLAP_HOURS, type TokenOverlapHours } from '@/lib/contract/shapes/plain-values'
import type { Token } from '@/lib/contract/tokens'

type RotateTokenProps = { opened: boolean; token: Token; onClose: () => void }

/** Gives a token a new secret, which it shows once, and asks how long the old one is accepted. */
export function RotateToken({ opened, token, onClose }: RotateTokenProps) {
  const [overlapHours, setOverlapHours] = useState<TokenOverlapHours>(24)
  const rotate = useRotateToken()
  const rotated = rotate.data
  const close = () => {
    onClose()
    rotate.reset()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={rotated ? `Token “${token.name}”` : `Rotate ${token.name}`}
      size={520}
      lockScroll={false}
      // A token that was not copied is lost, so only a button closes the dialog.
      closeOnClickOutside={!rotated}
      closeOnEscape={!rotated}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {rotated ? (
        <OneTimeSecret noun="token" text={rotated.secret} onDone={close}>
          Copy the token now and keep it like a password. It is not shown again.{' '}
          {rotated.token.oldSecret ? (
            <>
              The old one is accepted until <ExactTime atMs={rotated.token.oldSecret.endsAtMs} />.
            </>
          ) : (
            'The old one is no longer accepted.'
          )}
        </OneTimeSecret>
      ) : (
        <div className={classes.form}>
          <p className="bare secondary">
            The token gets a new secret and keeps its name, role, limit and expiry.
            {token.oldSecret && ' The secret before its last rotation ends at once.'}
          </p>
          <ChoiceFieldset label="Old secret" hint={OVERLAP_HINTS[overlapHours]}>
            <SegmentedChoice
              label="Old secret"
              value={String(overlapHours)}
              onChange={(value) => setOverlapHours(TOKEN_OVERLAP_HOURS.find((hours) => String(hours) === value) ?? 0)}
              options={TOKEN_OVERLAP_HOURS.map((hours) => ({ value: String(hours), label: OVERLAP_LABELS[hours] }))}
            />
          </ChoiceFieldset>
          {rotate.error && (
            <ProblemNote error={rotate.error} subject={token.name} unchanged="The token was not rotated." />
          )}
          <div className="flow gap-8 to-end">
            <Button variant="default" onClick={close} disabled={rotate.isPending}>
              Cancel
            </Button>
            <WaitingButton
              loading={rotate.isPending}
              onClick={() => rotate.mutate({ tokenId: token.tokenId, overlapHours })}
            >
              Rotate token
            </WaitingButton>
          </div>
        </div>
      )}
    </Modal>
  )
}

const OVERLAP_LABELS: Record<TokenOverlapHours, string> = { 0: 'ends at once', 1: '1 hour', 24: '24 hours' }
const OVERLAP_HINTS: Record<TokenOverlapHours, string> = {
  0: 'Clients with the old secret are rejected from their next request.',
  1: 'Clients with the old secret are accepted for another hour.',
  24: 'Clients with the old secret are accepted for another 24 hours.',
}
