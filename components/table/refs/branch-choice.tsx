'use client'
import { Button } from '@mantine/core'
import { IconGitBranch, IconSelector } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import type { TableDetail } from '@/lib/contract/table/tables'

type BranchChoiceProps = {
  refs: TableDetail['refs']
  /** The chosen one. A link may name one that the table does not have. */
  branch: string
  onChange: (branch: string) => void
}

/** The branch whose snapshots a page shows. A table with a single branch offers no choice. */
export function BranchChoice({ refs, branch, onChange }: BranchChoiceProps) {
  const branches = refs.filter(({ type }) => type === 'branch').map(({ name }) => name)
  if (branches.every((name) => name === branch)) return null
  return (
    <LazyMenu
      popup="menu"
      button={
        <Button
          variant="default"
          leftSection={<IconGitBranch size={14} stroke={1.6} aria-hidden />}
          rightSection={<IconSelector size={13} stroke={1.6} aria-hidden />}
        >
          <span className="sr-only">Branch: </span>
          {branch}
        </Button>
      }
      load={loadMenu}
      menuProps={{ branches, branch, onPick: onChange }}
    />
  )
}

async function loadMenu() {
  return (await import('./branch-menu')).BranchMenu
}
