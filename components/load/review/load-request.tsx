import { CommitRequest } from '@/components/changes/action/commit-request'
import { toProposalTitle } from '@/lib/contract/shapes/proposal-title'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { actionSentence } from '@/lib/proposals/action-sentence'
import { toInputs } from '../locations/location-files'
import { type RequestedLoad, toConfirmations, toProposedUploads } from './requested-load'

/** The same request for programs. */
export function LoadRequest({
  table,
  load,
  needsProposal,
  idempotencyKey,
}: {
  table: TableIdentifier
  load: RequestedLoad
  needsProposal: boolean
  /** That of the next attempt. */
  idempotencyKey: string
}) {
  const path = `/api/v1/catalogs/${encodeURIComponent(table.catalog)}/namespaces/${encodeURIComponent(joinNamespace(table.namespace))}/tables/${encodeURIComponent(table.table)}`
  if (needsProposal) {
    const action = toProposedUploads(load)
    const body = JSON.stringify({ title: toProposalTitle(actionSentence(action)), note: '', action }, null, 1)
    return <CommitRequest title="The request" path={`${path}/proposals`} body={body} />
  }
  const { draft, landing, correctsRun } = load
  const { format, csv, mapping } = draft.options
  const body = JSON.stringify(
    {
      inputs: toInputs(load),
      format,
      ...(csv && { csv }),
      mapping,
      ...draft.rejects,
      landing,
      ...toConfirmations(load),
      ...(correctsRun !== null && { correctsRun }),
      idempotencyKey,
    },
    null,
    1,
  )
  return <CommitRequest title="The request" path={`${path}/loads`} body={body} />
}
