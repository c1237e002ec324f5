'use client'
import { Button } from '@mantine/core'
import { ExactTime } from '@/components/ui/values/exact-time'
import { PastBand } from '@/components/ui/notes/past-band'
import { useHasPermission } from '@/lib/client/session/permissions'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { useViewAction } from './actions/use-view-action'

type VersionBandProps = {
  view: ViewIdentifier
  shown: ViewVersion
  detail: Pick<ViewDetail, 'abilities'>
  onBack: () => void
}

/** Says that this is not the version that engines use now, with a button back, and one that makes it current. */
export function VersionBand({ view, shown, detail, onBack }: VersionBandProps) {
  const [, setAction] = useViewAction()
  const canRollBack =
    useHasPermission('table:propose', asTableIdentifier(view)) === true && detail.abilities.includes('commit-view')
  return (
    <PastBand label="Another version" back="Back to current version" onBack={onBack}>
      You are looking at <strong>version {shown.versionId}</strong> from{' '}
      <strong>
        <ExactTime atMs={shown.createdAtMs} />
      </strong>
      , not at the current version
      {canRollBack && (
        <>
          {' '}
          <Button variant="subtle" size="compact-sm" onClick={() => void setAction('roll-back')}>
            Roll back to it…
          </Button>
        </>
      )}
    </PastBand>
  )
}
