'use client'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ProposedLoad as Load } from '@/lib/contract/shapes/proposed-table-action'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { fileName } from '@/lib/proposals/action-sentence'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposalDecision } from '../frame/use-proposal-decision'

/** A proposed load of a file. Its commit starts the run, which loads the file only if it is still the proposed one. */
export function ProposedLoad({ entry: table, proposal, action }: ProposedActionProps<'load'>) {
  const decision = useProposalDecision(table, proposal)
  const isOpen = proposal.state === 'open'
  return (
    <ProposalFrame proposal={proposal} decision={decision} verdict={isOpen ? { label: 'Start the load' } : undefined}>
      <Facts facts={toFacts(action)} />
      {isOpen && (
        <p>
          The file becomes one snapshot, or the table is not changed. The run compares the SHA-256 before it reads the
          file, and loads nothing when the file has changed.
        </p>
      )}
    </ProposalFrame>
  )
}

function toFacts({ input, format, ignoreExtra, maxRejectedRows, sizeBytes, sha256 }: Load): Fact[] {
  return [
    ['File', <VisibleText key="file">{fileName(input)}</VisibleText>],
    ['Location', <VisibleText key="location">{input}</VisibleText>],
    ['Size', formatBytes(sizeBytes)],
    ['Format', FORMAT_NAMES[format]],
    ['SHA-256', <code key="sha256">{sha256}</code>],
    ['Rows that do not fit', rejectsText(maxRejectedRows)],
    ['Other columns', ignoreExtra ? 'are skipped' : 'fail the load'],
  ]
}

const FORMAT_NAMES: Readonly<Record<Load['format'], string>> = { csv: 'CSV', ndjson: 'NDJSON', parquet: 'Parquet' }

function rejectsText(maxRejectedRows: number): string {
  if (maxRejectedRows === 0) return 'fail the load'
  return maxRejectedRows === Number.MAX_SAFE_INTEGER
    ? 'are skipped'
    : `are skipped, ${formatQuantity(maxRejectedRows, 'row')} at most`
}
