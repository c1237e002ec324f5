'use client'
import { Button, Textarea } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import type { EntryKind } from '@/lib/names/identifiers'
import { visibleText } from '@/lib/format/visible-text'
import classes from './proposal-frame.module.css'

type SendBackFormProps = {
  proposedBy: string
  kind: EntryKind
  isPending: boolean
  onCancel: () => void
  onSend: (comment: string) => void
}

/** The comment with which a proposal is sent back. */
export function SendBackForm({ proposedBy, kind, isPending, onCancel, onSend }: SendBackFormProps) {
  const [comment, setComment] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [])
  const isComplete = comment.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isComplete && !isPending) onSend(comment.trim())
  }
  return (
    <form className={classes.form} onSubmit={submit} aria-label="Send back">
      <Textarea
        ref={field}
        label={`What ${visibleText(proposedBy)} should know`}
        description={`The proposal is closed, and the ${kind} is not changed.`}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        maxLength={1000}
        rows={3}
        disabled={isPending}
      />
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onCancel} disabled={isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={isPending} disabled={!isComplete}>
          Send back
        </WaitingButton>
      </div>
    </form>
  )
}
