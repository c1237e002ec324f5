import type {
  EntryAction,
  EntryActionOf,
  NamespaceProposal,
  Proposal,
  ProposedViewAction,
  ViewProposal,
} from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-table-action'
import type { NamespaceIdentifier, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'

/** The props of the component that reviews a kind of action. */
export type ProposedActionProps<Kind extends EntryAction['kind']> = {
  action: EntryActionOf<Kind>
} & (Kind extends ProposedAction['kind']
  ? { entry: TableIdentifier; proposal: Proposal }
  : Kind extends ProposedViewAction['kind']
    ? { entry: ViewIdentifier; proposal: ViewProposal }
    : { entry: NamespaceIdentifier; proposal: NamespaceProposal })
