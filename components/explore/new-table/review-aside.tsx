'use client'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { ReviewFrame } from '@/components/changes/action/review-frame'
import { ActionReview, type ActionReviewProps } from '@/components/changes/action/action-review'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import type { NewTableLine } from '@/lib/changes/new-table/describe-new-table'
import classes from './review-aside.module.css'

type Change = 'added' | 'changed' | 'removed' | 'unchanged'

const SIGNS: Record<Change, string> = { added: '+', changed: '~', removed: '−', unchanged: '' }

type ReviewProps = ActionReviewProps & {
  /** The object, as a problem names it. */
  subject: string
  /** Below the title. */
  state?: string
  lines: readonly (NewTableLine & { /** `added` by default. */ change?: Change })[]
  /** Blockers and problems, between the description and the review of the request. */
  notes: ReactNode
} & (
    | {
        action: string
        canSubmit: boolean
        isPending: boolean
        /** Null without a draft to discard. */
        onDiscard: (() => void) | null
        onSubmit: () => void
      }
    /** The buttons, where it can be proposed, too. */
    | { footer: ReactNode }
  )

/** The table that would be created, always next to the form. */
export function ReviewAside(props: ReviewProps) {
  const { lines, notes, state = 'not created yet', subject } = props
  const { query = null, skeleton, warnings, request, scripts, changeCount = lines.length } = props
  return (
    <ReviewFrame
      state={state}
      footer={
        'footer' in props ? (
          props.footer
        ) : (
          <div className={classes.buttons}>
            <Button
              variant="default"
              disabled={props.onDiscard === null || props.isPending}
              onClick={() => props.onDiscard?.()}
            >
              Discard draft
            </Button>
            <WaitingButton
              leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
              disabled={!props.canSubmit}
              loading={props.isPending}
              onClick={props.onSubmit}
            >
              {props.action}
            </WaitingButton>
          </div>
        )
      }
    >
      {lines.length > 0 && (
        <ul className={classes.lines}>
          {lines.map(({ title, detail, change = 'added' }) => (
            <li key={title}>
              <span aria-hidden className={classes.sign} data-change={change}>
                {SIGNS[change]}
              </span>
              <div>
                {title}
                {detail !== null && <small>{detail}</small>}
              </div>
            </li>
          ))}
        </ul>
      )}
      {notes}
      <ActionReview {...{ query, warnings, request, scripts, changeCount, subject }} {...(skeleton && { skeleton })} />
    </ReviewFrame>
  )
}
