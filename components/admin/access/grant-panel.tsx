'use client'
import { toListing } from '@/components/ui/table/listing'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { grantsQuery } from '@/lib/client/access/grants'
import type { AccessGrant, GrantHolder } from '@/lib/contract/access/shapes'
import { formatCount } from '@/lib/format/count'
import classes from './access.module.css'
import { GrantTable } from './grant-table'
import { HolderChip } from './holder-chip'

/** Lists, adds and removes the grants of a user, with those of their groups and of everyone, or of a group. */
export function GrantPanel({ holder }: { holder: GrantHolder }) {
  const query = useInfiniteQuery(grantsQuery(holder))
  const { data, hasNextPage } = query
  const listing = toListing(query, ({ grants }) => grants)
  const addition = useLoadedDialog(loadAddition)
  const isUser = holder.kind === 'user'
  const isDirect = (grant: AccessGrant) => grant.holder.kind === holder.kind && grant.holder.id === holder.id
  const directCount = listing.rows.filter(isDirect).length
  return (
    <Panel
      title="Grants"
      {...(data &&
        isUser && {
          subtitle: `${formatCount(directCount)} direct, ${formatCount(listing.rows.length - directCount)} by groups${hasNextPage ? ' so far' : ''}`,
        })}
      actions={
        <Button variant="default" leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />} onClick={addition.open}>
          Grant
        </Button>
      }
      flush
    >
      {data === undefined ? (
        <Unloaded query={query} subject="The list of grants" className="padded" skeleton={[4, 4, 'Reading grants']} />
      ) : listing.rows.length === 0 ? (
        <EmptyState>Nothing is granted to {holder.name} yet.</EmptyState>
      ) : (
        <GrantTable
          grants={listing}
          canRemove={isDirect}
          from={
            isUser
              ? {
                  id: 'from',
                  header: 'From',
                  cell: (grant) => <HolderChip holder={grant.holder} isDirect={isDirect(grant)} />,
                }
              : null
          }
        />
      )}
      <NextPageButton query={query}>Show more grants</NextPageButton>
      <p className={classes.note}>Grants add up; the highest role wins.</p>
      {addition.Dialog && <addition.Dialog opened={addition.isOpen} holder={holder} onClose={addition.close} />}
    </Panel>
  )
}

async function loadAddition() {
  return (await import('./grant-dialog')).GrantDialog
}
