'use client'
import { IconEye } from '@tabler/icons-react'
import { ActionFooter } from '@/components/ui/action-footer'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { MAX_BULK_TABLES, MAX_NAMED_TABLES } from '@/lib/contract/shapes/bulk-limits'
import { formatCount, formatQuantity } from '@/lib/format/count'

type StartFooterProps = {
  chosenCount: number
  /** Tables that the user ticked or unticked one by one. */
  namedCount: number
  hasChanges: boolean
  /** Whether the list that the page shows is that of the conditions. */
  isReady: boolean
  isPending: boolean
  error: Error | null
  onPreview: () => void
}

/** The number of chosen tables, and the button that stores the list and previews the changes on the server. */
export function StartFooter(props: StartFooterProps) {
  const { chosenCount, namedCount, hasChanges, isReady, isPending, error, onPreview } = props
  const isTooMany = chosenCount > MAX_BULK_TABLES || namedCount > MAX_NAMED_TABLES
  return (
    <ActionFooter
      problem={error && <ProblemNote error={error} subject="The list of tables" unchanged="Nothing was started." />}
      summary={summaryText({ chosenCount, namedCount, hasChanges })}
    >
      <WaitingButton
        leftSection={<IconEye size={15} stroke={1.6} aria-hidden />}
        disabled={!isReady || !hasChanges || chosenCount === 0 || isTooMany}
        loading={isPending}
        onClick={onPreview}
      >
        Preview {formatQuantity(chosenCount, 'table')}
      </WaitingButton>
    </ActionFooter>
  )
}

function summaryText({
  chosenCount,
  namedCount,
  hasChanges,
}: Pick<StartFooterProps, 'chosenCount' | 'namedCount' | 'hasChanges'>) {
  if (namedCount > MAX_NAMED_TABLES)
    return `At most ${formatCount(MAX_NAMED_TABLES)} tables are chosen one by one. Choose all tables of narrower conditions.`
  if (chosenCount > MAX_BULK_TABLES)
    return `${formatQuantity(chosenCount, 'table')} are chosen, and at most ${formatCount(MAX_BULK_TABLES)} are changed at once.`
  if (chosenCount === 0) return 'No table is chosen.'
  if (!hasChanges) return `${formatQuantity(chosenCount, 'table')} chosen. Say above what to do with them.`
  return `${formatQuantity(chosenCount, 'table')} chosen. A preview changes nothing; it runs on the server.`
}
