'use client'
import { Button } from '@mantine/core'
import { IconDatabaseImport } from '@tabler/icons-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { Activity, useId, useState } from 'react'
import { CommitStanding } from '@/components/changes/commit/commit-standing'
import type { NewProposal } from '@/components/changes/commit/propose-form'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useKnownCatalog } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { ProposedUploads } from '@/lib/contract/shapes/proposed-table-action'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { APPEND_TO_MAIN, losesRows } from '@/lib/ingest/load-landing'
import { entryLabel, entryLabelInCatalog, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './load-review.module.css'
import type { LoadToSave } from './saved/save-load-form'

const LazySaveLoadForm = lazyComponent(async () => (await import('./saved/save-load-form')).SaveLoadForm, {
  loading: () => <SkeletonRows rows={5} columns={1} label="Opening the form" />,
})

const LazyProposeForm = lazyComponent(
  async () => (await import('@/components/changes/commit/propose-form')).ProposeForm,
  { loading: () => <SkeletonRows rows={5} columns={1} label="Opening the form" /> },
)

type LoadFooterProps = {
  table: TableIdentifier
  /** The load, as a proposal has it. */
  proposed: ProposedUploads
  /** Why the user may not load alone; null: they may. */
  reason: string | null
  /** Whether something is left to decide before the load can begin or be proposed. */
  isBlocked: boolean
  /** Whether every file is on the server: the run of a load waits for its files, a proposal does not. */
  areHere: boolean
  load: {
    start: (confirmedName?: string) => void
    isPending: boolean
    /** Whether the server does not know all files yet, of which it needs the ids. */
    isOpening: boolean
    openedCount: number
    fileCount: number
    stop: () => void
  }
  onProposed: (proposal: NewProposal) => void
  /** The load as it could be saved; null if it has no files of locations. */
  saving: { load: LoadToSave; suggestedName: string; whyNot: string | null } | null
}

/** Starts the load, after the name of the table was typed if rows are lost; or proposes it where it needs two people. */
export function LoadFooter(props: LoadFooterProps) {
  return props.reason === null ? <StartLoad {...props} /> : <ProposeLoad {...props} reason={props.reason} />
}

function StartLoad({
  table,
  proposed: { landing = APPEND_TO_MAIN },
  isBlocked,
  areHere,
  load,
  saving,
}: LoadFooterProps) {
  const { hasOthers } = useKnownCatalog(table.catalog)
  const typedName = hasOthers ? entryLabelInCatalog(table) : entryLabel(table)
  const router = useRouter()
  const [isSaving, setSaving] = useState(false)
  const [savedTitle, setSavedTitle] = useState<string | null>(null)
  if (isSaving && saving !== null)
    return (
      <LazySaveLoadForm
        {...saving}
        table={table}
        typedName={losesRows(landing) ? typedName : null}
        onCancel={() => setSaving(false)}
        onSaved={({ title, runId }) => {
          setSaving(false)
          setSavedTitle(title)
          if (runId !== null) router.push(paths.loadRun(runId))
        }}
      />
    )
  return (
    <div className={classes.foot}>
      {savedTitle !== null && (
        <span className="secondary dense" role="status">
          {savedTitle} is saved. <Link href={paths.jobs()}>Jobs</Link> lists it.
        </span>
      )}
      {saving !== null && (
        <Button
          variant="default"
          disabled={isBlocked || saving.whyNot !== null}
          {...(saving.whyNot !== null && { title: saving.whyNot })}
          onClick={() => setSaving(true)}
        >
          Save this load…
        </Button>
      )}
      {load.isOpening ? (
        <>
          <span className="secondary dense" role="status">
            Registering {formatCount(load.openedCount)} of {formatQuantity(load.fileCount, 'file')}
          </span>
          <Button variant="default" onClick={load.stop}>
            Stop
          </Button>
        </>
      ) : (
        !isBlocked &&
        !areHere && (
          <span className="secondary dense">The load waits for the last byte. Keep this tab open until then.</span>
        )
      )}
      {losesRows(landing) ? (
        <DangerConfirm
          name={typedName}
          action="Load and replace"
          isPending={load.isPending}
          isDisabled={isBlocked}
          onConfirm={() => load.start(typedName)}
        />
      ) : (
        <WaitingButton
          leftSection={<IconDatabaseImport size={15} stroke={1.6} aria-hidden />}
          disabled={isBlocked}
          loading={load.isPending}
          onClick={() => load.start()}
        >
          Load
        </WaitingButton>
      )}
    </div>
  )
}

function ProposeLoad({
  table,
  proposed,
  reason,
  isBlocked,
  areHere,
  onProposed,
}: LoadFooterProps & { reason: string }) {
  const [isProposing, setProposing] = useState(false)
  const reasonId = useId()
  const canPropose = useHasPermission('table:propose', table) === true && !isBlocked && areHere
  const isShown = isProposing && canPropose
  return (
    <>
      {isProposing && (
        // Keeps what was entered while a change of the load is previewed.
        <Activity mode={isShown ? 'visible' : 'hidden'}>
          <LazyProposeForm
            target={{ entry: table, proposed }}
            worded={proposed}
            onCancel={() => setProposing(false)}
            onProposed={(proposal) => {
              setProposing(false)
              onProposed(proposal)
            }}
          />
        </Activity>
      )}
      {!isShown && (
        <div className={classes.foot}>
          <CommitStanding reason={reason} reasonId={reasonId} safe={undefined} />
          {!isBlocked && !areHere && (
            <span className="secondary dense">A load is proposed when all its files are uploaded.</span>
          )}
          <Button disabled={!canPropose} onClick={() => setProposing(true)} aria-describedby={reasonId}>
            Propose…
          </Button>
        </div>
      )}
    </>
  )
}
