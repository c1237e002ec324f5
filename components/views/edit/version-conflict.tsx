'use client'
import { Button } from '@mantine/core'
import { Panel } from '@/components/ui/panel'
import { ExactTime } from '@/components/ui/values/exact-time'
import type { ViewVersion } from '@/lib/contract/views'
import type { SqlDraft, ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import { LookupChanges } from '../lookup-changes'
import { SqlDiff } from '../sql-diff'
import { sqlsOf } from './use-view-form'
import classes from './view-form.module.css'

type VersionConflictProps = {
  arrived: ViewVersion
  baseVersionId: number
  draft: ViewVersionDraft
  onKeep: () => void
  onTake: () => void
}

/** Another version became current while the user edited this one: both, and the choices. */
export function VersionConflict({ arrived, baseVersionId, draft, onKeep, onTake }: VersionConflictProps) {
  const theirs = sqlsOf(arrived)
  const dialects = [...new Set([...theirs, ...draft.representations].map(({ dialect }) => dialect))]
  const sqlIn = (side: readonly SqlDraft[], dialect: string) => side.find((one) => one.dialect === dialect)?.sql ?? ''
  const isSqlUnchanged = dialects.every((dialect) => sqlIn(theirs, dialect) === sqlIn(draft.representations, dialect))
  return (
    <Panel
      title={`Version ${arrived.versionId} arrived`}
      subtitle={`you began with version ${baseVersionId}`}
      actions={
        <>
          <Button size="xs" variant="default" onClick={onTake}>
            Take version {arrived.versionId}
          </Button>
          <Button size="xs" variant="default" onClick={onKeep}>
            Commit mine as a newer version
          </Button>
        </>
      }
    >
      <div className={classes.diffs} role="alert">
        <p className={classes.notes}>
          {arrived.writer ?? 'Another writer'} made it current at <ExactTime atMs={arrived.createdAtMs} />. Below is
          what your version would change in it.
        </p>
        {dialects.map((dialect) => (
          <section key={dialect}>
            <h3>{dialect}</h3>
            <SqlDiff
              before={sqlIn(theirs, dialect)}
              after={sqlIn(draft.representations, dialect)}
              label={`Version ${arrived.versionId} and your SQL, ${dialect}`}
            />
          </section>
        ))}
        <LookupChanges before={arrived} after={draft} isSqlUnchanged={isSqlUnchanged} />
      </div>
    </Panel>
  )
}
