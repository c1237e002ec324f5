'use client'
import { Button, Textarea, TextInput } from '@mantine/core'
import Link from 'next/link'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { type ProposalTarget, usePropose } from '@/lib/client/table/proposals'
import type { EntryAction } from '@/lib/contract/proposals'
import { PROPOSAL_TITLE, toProposalTitle } from '@/lib/contract/shapes/proposal-title'
import { entryKind, entryLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { actionSentence } from '@/lib/proposals/action-sentence'
import { useIdempotencyKey } from './use-idempotency-key'
import { isOutcomeKnown } from '@/lib/errors'

export type NewProposal = { proposalId: string; title: string }

type ProposeFormProps = {
  target: ProposalTarget
  /** The proposed action as the suggested title words it. */
  worded: EntryAction
  onCancel: () => void
  onProposed: (proposal: NewProposal) => void
}

/** Title and note of a proposal: the last step before another user gets to see it. */
export function ProposeForm({ target, worded, onCancel, onProposed }: ProposeFormProps) {
  const { entry, proposed } = target
  const propose = usePropose(target)
  const [title, setTitle] = useState(() => toProposalTitle(actionSentence(worded)))
  const [note, setNote] = useState('')
  const titleField = useRef<HTMLInputElement>(null)
  useEffect(() => {
    titleField.current?.focus()
    titleField.current?.select()
  }, [])
  const trimmed = title.trim()
  // One key for one proposal: sent again after a lost answer, it is made once.
  const [idempotencyKey, renewKey] = useIdempotencyKey([proposed, trimmed, note.trim()])
  const isTitle = PROPOSAL_TITLE.test(trimmed)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isTitle || propose.isPending) return
    propose.mutate(
      { title: trimmed, note: note.trim(), idempotencyKey },
      { onSuccess: onProposed, onError: (error) => isOutcomeKnown(error) && renewKey() },
    )
  }
  return (
    <form className="stack gap-10" onSubmit={submit} aria-label="Proposal">
      {propose.error &&
        (isOutcomeKnown(propose.error) ? (
          <ProblemNote error={propose.error} subject={entryLabel(entry)} unchanged="Nothing was proposed." />
        ) : (
          <ProblemNote
            error={propose.error}
            title="It is not known whether the changes were proposed"
            unchanged={`The ${entryKind(entry)} was not changed.`}
            next="Propose again: the same proposal is made once."
          />
        ))}
      {propose.error && !isOutcomeKnown(propose.error) && <Link href={paths.proposals(entry)}>Open the proposals</Link>}
      <TextInput
        label="Title"
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        maxLength={200}
        error={title !== '' && !isTitle && 'One line of visible characters.'}
        disabled={propose.isPending}
        autoComplete="off"
        ref={titleField}
      />
      <Textarea
        label="Note"
        description="Why, and what to look at. Another user reads it with the changes."
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={5000}
        rows={3}
        disabled={propose.isPending}
      />
      <div className="columns gap-8 to-end">
        <Button variant="default" onClick={onCancel} disabled={propose.isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={propose.isPending} disabled={!isTitle}>
          Propose
        </WaitingButton>
      </div>
    </form>
  )
}
