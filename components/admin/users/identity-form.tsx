'use client'
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useLinkIdentity, useUnlinkIdentity } from '@/lib/client/access/users'
import type { User } from '@/lib/contract/access'

type IdentityProps = { user: User; onClose: () => void }

/** Lets a subject of the identity provider sign in as a user, once the user's name is typed. */
export function LinkIdentity({ user, onClose }: IdentityProps) {
  const { signInMethod, username } = user
  const current = typeof signInMethod === 'string' ? null : signInMethod.subject
  const [subject, setSubject] = useState('')
  const link = useLinkIdentity(user.userId)
  const typed = subject.trim()
  return (
    <div className={classes.form}>
      <p className="bare secondary">
        Who signs in with the identity provider as this subject becomes {username}, with all their roles. Their sessions
        end. {current !== null && <>Now it is {current}, who can no longer sign in as this user.</>}
      </p>
      <TextInput
        label="Subject"
        description="The claim sub of the person or service account, not their name or address"
        value={subject}
        onChange={(event) => setSubject(event.currentTarget.value)}
        maxLength={255}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
      />
      {link.error && <ProblemNote error={link.error} subject={username} unchanged="Nothing was linked." />}
      <DangerConfirm
        name={username}
        action="Link subject"
        isPending={link.isPending}
        isDisabled={typed === '' || typed === current}
        onConfirm={() => link.mutate(typed, { onSuccess: onClose })}
        onCancel={onClose}
      />
    </div>
  )
}

/** Ends that a user signs in with the identity provider, once their name is typed. */
export function UnlinkIdentity({ user, onClose }: IdentityProps) {
  const unlink = useUnlinkIdentity(user.userId)
  const { hasPassword, username } = user
  return (
    <div className={classes.form}>
      <p className="bare secondary">
        {username} can no longer sign in with the identity provider, nor can engines with its access tokens. Their
        sessions end.{' '}
        {hasPassword
          ? 'Their password keeps working.'
          : 'They have no password, so they cannot sign in until a subject is linked again.'}
      </p>
      {unlink.error && <ProblemNote error={unlink.error} subject={username} unchanged="Nothing was unlinked." />}
      <DangerConfirm
        name={username}
        action="Unlink subject"
        isPending={unlink.isPending}
        onConfirm={() => unlink.mutate(undefined, { onSuccess: onClose })}
        onCancel={onClose}
      />
    </div>
  )
}
