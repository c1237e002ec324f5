import type { ListedProposal } from '@/lib/contract/proposals'
import classes from './proposal-state.module.css'

export const STATE_NAMES: Readonly<Record<ListedProposal['state'], string>> = {
  open: 'open',
  committed: 'committed',
  returned: 'sent back',
  withdrawn: 'withdrawn',
  expired: 'expired',
}

export function ProposalState({ state }: Pick<ListedProposal, 'state'>) {
  return (
    <span className={classes.state} data-state={state}>
      {STATE_NAMES[state]}
    </span>
  )
}
