'use client'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { type AddressChecks, checkChoice } from '@/components/ui/notes/address-problems'
import { useFinishedPanel } from '@/components/changes/action/use-finished-panel'
import type { AsOf } from '@/lib/iceberg/as-of'
import { asOfText } from '@/lib/paths/snapshot-paths'

/** Forms of a ref: create a branch or a tag at a snapshot, or change an existing ref. */
const REF_FORMS = ['branch', 'tag', 'rename', 'retention'] as const
export type RefForm = (typeof REF_FORMS)[number]
/** Panels that edit a ref. */
const REF_EDITS = [...REF_FORMS, 'remove'] as const
export type RefEdit = (typeof REF_EDITS)[number]
/** Panels that expire snapshots or undo it. */
const EXPIRY_EDITS = ['expire', 'undo-expiry'] as const
export type ExpiryEdit = (typeof EXPIRY_EDITS)[number]

/** Panels that audit and publish commits. */
const PUBLISH_STEPS = ['cherry-pick', 'publish', 'results', 'checks'] as const
export type PublishStep = (typeof PUBLISH_STEPS)[number]

/**
 * `?opened=` is the snapshot whose details are open. `?move=` is the branch that an open panel moves, `?to=` its
 * target. `?edit=` and `?step=` are other open panels and `?of=` the snapshot, the ref or the expiry that they are
 * about.
 */
const PANEL_PARSERS = {
  opened: parseAsString,
  move: parseAsString,
  to: parseAsString,
  edit: parseAsStringLiteral([...REF_EDITS, ...EXPIRY_EDITS]),
  step: parseAsStringLiteral(PUBLISH_STEPS),
  of: parseAsString,
}
export const SNAPSHOT_PANEL_CHECKS: AddressChecks = {
  ...checkChoice('edit', [...REF_EDITS, ...EXPIRY_EDITS], 'No panel is open.', 'not an action of this page'),
  ...checkChoice('step', PUBLISH_STEPS, 'No panel is open.', 'not a step of publishing'),
}
const NO_PANEL = { opened: null, move: null, to: null, edit: null, step: null, of: null }

export type SnapshotPanels = ReturnType<typeof useSnapshotPanels>

/** The side panel of the Snapshots tab, which is in the address. One is open at a time. */
export function useSnapshotPanels() {
  const [named, setNamed] = useQueryStates(PANEL_PARSERS, { history: 'push' })
  const { isFinished, finish, reopen } = useFinishedPanel(named)
  const open = (panel: Partial<typeof named>) => {
    reopen()
    void setNamed({ ...NO_PANEL, ...panel })
  }
  return {
    panel: isFinished ? NO_PANEL : named,
    open: (snapshotId: string) => open({ opened: snapshotId }),
    openMove: (branch: string, to: AsOf | null) => open({ move: branch, to: to === null ? null : asOfText(to) }),
    openEdit: (edit: RefEdit | ExpiryEdit, of: string) => open({ edit, of }),
    /** The open panel is about something else. */
    changeOf: (of: string) => void setNamed({ of }, { history: 'replace' }),
    /** @param of the snapshot; null for the checks, which belong to the table */
    openStep: (step: PublishStep, of: string | null) => open({ step, of }),
    close: () => void setNamed(null),
    /** Closes the panel after its action was carried out. *Back* does not lead to it. */
    finish: () => {
      finish()
      void setNamed(null, { history: 'replace' })
    },
  }
}

export function isExpiryEdit(edit: RefEdit | ExpiryEdit): edit is ExpiryEdit {
  return EXPIRY_EDITS.some((one) => one === edit)
}
