import Link from 'next/link'
import type { Column } from '@/components/ui/table/data-table'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ListedProposal } from '@/lib/contract/proposals'
import classes from './proposal-list.module.css'

/** The columns that every list of proposals has. */
export function proposalColumns<Row extends ListedProposal>(toHref: (proposal: Row) => string): Column<Row>[] {
  return [
    {
      id: 'title',
      header: 'Proposal',
      weight: 'name',
      fills: true,
      cell: (proposal) => (
        <Link href={toHref(proposal)} prefetch={false} className={classes.title}>
          <VisibleText>{proposal.title}</VisibleText>
        </Link>
      ),
    },
    {
      id: 'by',
      header: 'Proposed by',
      width: 190,
      cell: ({ proposedBy, isOwn, createdAtMs }) => (
        <span>
          <VisibleText>{isOwn ? 'you' : proposedBy}</VisibleText>,{' '}
          <span className="quiet">
            <RelativeTime atMs={createdAtMs} />
          </span>
        </span>
      ),
    },
  ]
}
