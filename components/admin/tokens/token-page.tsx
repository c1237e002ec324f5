'use client'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { Page } from '@/components/shell/page'
import { Unloaded } from '@/components/shell/unloaded'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { sessionQuery } from '@/lib/client/session/session'
import { useHasPermission } from '@/lib/client/session/permissions'
import { type TokenOwners, tokensQuery } from '@/lib/client/tokens'
import type { Token } from '@/lib/contract/tokens'
import { TokenList } from './token-list'
import { TokenSnippets } from './token-snippets'

const OWNERS = ['mine', 'everybody'] as const satisfies readonly TokenOwners[]
const OWNERS_CHECK = checkChoice('owners', OWNERS, 'Your tokens are listed.')

/** Creates, lists, rotates and revokes tokens that let programs act as a user. */
export function TokenPage() {
  const [owners, setOwners] = useQueryState('owners', parseAsStringLiteral(OWNERS).withDefault('mine'))
  const creation = useLoadedDialog(loadCreation)
  const revocation = useLoadedDialog(loadRevocation)
  const [tokenToRevoke, setTokenToRevoke] = useState<Token | null>(null)
  const rotation = useLoadedDialog(loadRotation)
  const [tokenToRotate, setTokenToRotate] = useState<Token | null>(null)
  const isAdmin = useHasPermission('console:admin')
  return (
    <Page
      title="Tokens"
      afterTitle={
        isAdmin && (
          <SegmentedChoice
            label="Owner"
            value={owners}
            onChange={(value) => void setOwners(value)}
            options={[
              { value: 'mine', label: 'Mine' },
              { value: 'everybody', label: 'All users' },
            ]}
          />
        )
      }
      actions={
        <Button leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />} onClick={creation.open}>
          Create token
        </Button>
      }
    >
      <AddressProblems checks={OWNERS_CHECK} />
      <Panel title="Personal access tokens" subtitle="Let engines sign in as you, limited to a role" flush>
        <FetchedTokenList
          owners={owners}
          onRotate={(token) => {
            setTokenToRotate(token)
            rotation.open()
          }}
          onRevoke={(token) => {
            setTokenToRevoke(token)
            revocation.open()
          }}
        />
      </Panel>
      <TokenSnippets />
      {creation.Dialog && <creation.Dialog opened={creation.isOpen} onClose={creation.close} />}
      {rotation.Dialog && tokenToRotate && (
        <rotation.Dialog
          key={tokenToRotate.tokenId}
          opened={rotation.isOpen}
          token={tokenToRotate}
          onClose={rotation.close}
        />
      )}
      {revocation.Dialog && tokenToRevoke && (
        <revocation.Dialog opened={revocation.isOpen} token={tokenToRevoke} onClose={revocation.close} />
      )}
    </Page>
  )
}

async function loadCreation() {
  return (await import('./create-token')).CreateToken
}

async function loadRevocation() {
  return (await import('./revoke-token')).RevokeToken
}

async function loadRotation() {
  return (await import('./rotate-token')).RotateToken
}

function FetchedTokenList({
  owners,
  onRotate,
  onRevoke,
}: {
  owners: TokenOwners
  onRotate: (token: Token) => void
  onRevoke: (token: Token) => void
}) {
  const { data: session } = useQuery(sessionQuery())
  const query = useQuery(tokensQuery(owners))
  if (!query.isSuccess) {
    const skeleton = [3, 5, 'Reading tokens'] as const
    return <Unloaded query={query} subject="The list of tokens" className="padded" skeleton={skeleton} />
  }
  const tokens = query.data
  if (tokens.length === 0) {
    return (
      <EmptyState>
        {owners === 'mine' ? 'You have no tokens yet.' : 'There are no tokens yet.'} Create a token and use it in an
        engine as shown below.
      </EmptyState>
    )
  }
  return (
    <TokenList
      tokens={tokens}
      hasOwners={owners === 'everybody'}
      // A token acts as its owner, so an admin rotates only those of service accounts.
      canRotate={({ username, isOfService }) => isOfService || username === session?.username}
      onRotate={onRotate}
      onRevoke={onRevoke}
    />
  )
}
