import type { FunctionComponent } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { ProposedEntry } from '@/lib/client/table/proposals'
import type { EntryAction, EntryProposal } from '@/lib/contract/proposals'
import { ProposedIntents } from '../actions/proposed-intents'
import type { ProposedActionProps } from '../frame/proposed-action-props'

type Kind = EntryAction['kind']

/** For each kind of action, the component that reviews it on the entry as it is now. */
const REVIEWS: { readonly [Of in Kind]: FunctionComponent<ProposedActionProps<Of>> } = {
  'change-table': ProposedIntents,
  expire: lazyComponent(async () => (await import('../actions/proposed-expiry')).ProposedExpiry),
  publish: lazyComponent(async () => (await import('../actions/proposed-publication')).ProposedPublication),
  'cherry-pick': lazyComponent(async () => (await import('../actions/proposed-pick')).ProposedPick),
  undo: lazyComponent(async () => (await import('../actions/proposed-undo')).ProposedUndo),
  'undo-expiry': lazyComponent(async () => (await import('../actions/proposed-expiry-undo')).ProposedExpiryUndo),
  rename: lazyComponent(async () => (await import('../actions/proposed-rename')).ProposedRename),
  drop: lazyComponent(async () => (await import('../actions/proposed-drop')).ProposedDrop),
  'rewrite-files': lazyComponent(async () => (await import('../actions/proposed-rewrite')).ProposedRewrite),
  'delete-rows': lazyComponent(async () => (await import('../actions/proposed-deletion')).ProposedDeletion),
  load: lazyComponent(async () => (await import('../actions/proposed-load')).ProposedLoad),
  'load-uploads': lazyComponent(async () => (await import('../actions/proposed-load')).ProposedLoad),
  'change-view': lazyComponent(async () => (await import('../actions/proposed-view-change')).ProposedViewChange),
  'rename-view': lazyComponent(async () => (await import('../actions/proposed-rename')).ProposedViewRename),
  'drop-view': lazyComponent(async () => (await import('../actions/proposed-view-drop')).ProposedViewDrop),
  'drop-namespace': lazyComponent(
    async () => (await import('../actions/proposed-namespace-drop')).ProposedNamespaceDrop,
  ),
  'relax-change-policy': lazyComponent(async () => (await import('../actions/proposed-policy')).ProposedPolicy),
}

type ShownProps = { entry: ProposedEntry; proposal: EntryProposal; action: EntryAction }

/** The same, for what is proposed for an entry: its endpoint has only actions of its kind. */
export const ACTION_REVIEWS = REVIEWS as Readonly<Record<Kind, FunctionComponent<ShownProps>>>
