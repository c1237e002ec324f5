'use client'
import type { ReactNode } from 'react'
import { ActionReview } from '@/components/changes/action/action-review'
import { NOT_SENT, useReview } from '@/components/changes/action/use-review'
import { MOVE_SKELETON, MoveImpact } from '@/components/table/impact/impact-review'
import { REF_DROP_SKELETON, RefDropReview } from '@/components/table/refs/ref-drop-review'
import { RetentionImpact } from '@/components/table/refs/retention-impact'
import { useShownTable } from '@/components/table/frame/shown-table'
import { refDropQuery, refMoveQuery } from '@/lib/client/table/refs'
import { entryLabel } from '@/lib/names/identifiers'
import { type Intent, intentSentence, intentTarget } from '@/lib/changes/intents/intent'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { TagSentence } from './tag-sentence'

/** The impact of proposed changes of branches and tags on the table as it is, as the panels that made them show it. */
export function RefImpacts({ intents }: { intents: readonly Intent[] }) {
  return intents.map((intent) => {
    const impact = impactOf(intent)
    return (
      impact !== null && (
        <section key={intentTarget(intent)} aria-label={`Impact: ${intentSentence(intent)}`}>
          {impact}
        </section>
      )
    )
  })
}

function impactOf(intent: Intent): ReactNode {
  if (intent.kind === 'roll-back') return <ProposedMove refName={MAIN_BRANCH} {...intent} />
  if (intent.kind === 'set-ref') return <ProposedMove {...intent} />
  if (intent.kind === 'fast-forward') return <ProposedMove {...intent} safetyTag={null} />
  if (intent.kind === 'drop-ref') return <ProposedDrop {...intent} />
  if (intent.kind === 'create-ref') return <ProposedRetention {...intent} isNew />
  return intent.kind === 'set-ref-retention' ? <ProposedRetention {...intent} isNew={false} /> : null
}

type ProposedMoveProps = { refName: string; toSnapshotId: string; safetyTag: SafetyTag | null }

function ProposedMove({ refName, toSnapshotId, safetyTag }: ProposedMoveProps) {
  const { table } = useShownTable()
  const { query, data } = useReview(refMoveQuery(table, refName, { snapshotId: toSnapshotId }, safetyTag), NOT_SENT)
  return (
    <ActionReview query={query} skeleton={MOVE_SKELETON} subject={entryLabel(table)}>
      {data && <MoveImpact impact={data.impact} hasTag={safetyTag !== null} />}
      {data && <TagSentence tag={safetyTag} />}
    </ActionReview>
  )
}

function ProposedDrop({ refName, safetyTag }: { refName: string; safetyTag: SafetyTag | null }) {
  const { table } = useShownTable()
  const { query, data } = useReview(refDropQuery(table, refName, safetyTag), NOT_SENT)
  return (
    <ActionReview query={query} skeleton={REF_DROP_SKELETON} subject={entryLabel(table)}>
      {data && <RefDropReview refName={refName} preview={data} hasSafetyTag={safetyTag !== null} />}
      {data && <TagSentence tag={safetyTag} />}
    </ActionReview>
  )
}

type ProposedRetentionProps = Pick<Extract<Intent, { kind: 'set-ref-retention' }>, 'refName' | 'retention'> & {
  isNew: boolean
  type?: 'branch' | 'tag'
  snapshotId?: string
}

function ProposedRetention({ refName, retention, isNew, ...given }: ProposedRetentionProps) {
  const { table, detail } = useShownTable()
  const known = detail.refs.find(({ name }) => name === refName)
  const { type, snapshotId } = { ...known, ...given }
  if (type === undefined || snapshotId === undefined) return null
  return <RetentionImpact table={table} requested={{ refName: isNew ? null : refName, type, snapshotId, retention }} />
}
