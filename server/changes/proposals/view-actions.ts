import 'server-only'
import type { ProposedViewAction } from '@/lib/contract/proposals'
import type { LoadedView } from '@/server/catalog/port/loaded-table'
import { changeViewAction } from '../actions/change-view'
import { dropViewAction } from '../actions/drop-view'
import { renameViewAction } from '../actions/rename-view'
import { proposable, type ProposableKinds } from './proposable'

/** The actions that can be proposed for a view: a new kind gets its line here. */
export const VIEW_ACTIONS: ProposableKinds<LoadedView, ProposedViewAction> = {
  'change-view': proposable(changeViewAction, { permission: 'table:write', toRequested: ({ edit }) => ({ edit }) }),
  'rename-view': proposable(renameViewAction, {
    permission: 'table:maintain',
    toRequested: ({ toNamespace, toView }, { catalog }) => ({
      to: { catalog, namespace: toNamespace, view: toView },
    }),
  }),
  'drop-view': proposable(dropViewAction, { permission: 'table:maintain', toRequested: () => ({}) }),
}
