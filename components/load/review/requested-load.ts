import type { PageUpload } from '@/lib/client/uploads/page-upload'
import type { LoadConfirmations } from '@/lib/contract/loads/load-confirmations'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import { MAX_SCHEDULE_NAME_CHARS } from '@/lib/contract/shapes/plain-values'
import type { ProposedUploads } from '@/lib/contract/shapes/proposed-table-action'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { hasUsualNumbers } from '@/lib/ingest/number-format'
import { toRejectLimit } from '@/lib/ingest/reject-limit'
import type { LocationFile } from '../locations/location-files'
import type { ReviewedDraft } from '../use-load-draft'

/** The files and choices of a load that is reviewed, as its request has them. */
export type RequestedLoad = {
  files: readonly PageUpload[]
  located: readonly LocationFile[]
  draft: ReviewedDraft
  /** That of the draft, with what the user saw of its branch. */
  landing: LoadLanding
  /** The run whose rejected rows the files have; null if they are new rows. */
  correctsRun: string | null
  /** Whether bytes that were loaded before are loaded again, as the user has confirmed. */
  loadsAgain: boolean
}

/** The first file has to be the one that was previewed: one with a URL may have changed. */
export function withVersion([first, ...others]: RequestedInput[], version: string | undefined): RequestedInput[] {
  if (first === undefined) return []
  return ['url' in first && version !== undefined ? { ...first, version } : first, ...others]
}

/** As requests say it: only what the user has confirmed. */
export function toConfirmations({ draft, loadsAgain }: Pick<RequestedLoad, 'draft' | 'loadsAgain'>): LoadConfirmations {
  const { allowsNullColumns, allowsAmbiguousNumbers } = draft
  const { csv } = draft.options
  const hasUsual = csv === null || hasUsualNumbers(csv)
  return {
    ...(allowsNullColumns && { allowNullColumns: true }),
    ...(allowsAmbiguousNumbers && hasUsual && { allowAmbiguousNumbers: true }),
    ...(loadsAgain && { loadAgain: true }),
  }
}

/** The load, as it can be saved; a correction of rejected rows is loaded once. */
export function toSaving({ files, located, draft, correctsRun }: RequestedLoad) {
  // Where the branch of a saved load is removed, as after it was published, the next run begins it again.
  const { options, rejects, landing } = draft
  const inputs = located.flatMap(({ input }) => ('url' in input ? [] : [input]))
  if (inputs.length === 0 || correctsRun !== null) return null
  return {
    // A saved load has rules of its own for files that it has loaded.
    load: { inputs, options, landing, ...toConfirmations({ draft, loadsAgain: false }), ...rejects },
    suggestedName: `Load ${located[0]?.fileName ?? ''}`.slice(0, MAX_SCHEDULE_NAME_CHARS),
    whyNot:
      files.length > 0
        ? 'Uploads cannot be saved: they are removed once they are loaded.'
        : inputs.length < located.length
          ? 'Only files of locations can be saved, and this load has a URL.'
          : null,
  }
}

/** The load, as a proposal has it. */
export function toProposedUploads(requested: RequestedLoad): ProposedUploads {
  const { files, draft, landing, correctsRun } = requested
  const { options, rejects } = draft
  const { format, csv, mapping } = options
  return {
    kind: 'load-uploads',
    uploads: files.flatMap(({ uploadId, fileName, sizeBytes }) =>
      uploadId === null ? [] : [{ uploadId, fileName, sizeBytes }],
    ),
    format,
    ...(csv && { csv }),
    mapping: { columns: { ...mapping.columns }, ignoredFields: [...mapping.ignoredFields] },
    ignoreExtra: false,
    ...toConfirmations(requested),
    ...toRejectLimit({ rows: rejects.maxRejectedRows, share: rejects.maxRejectedShare }),
    landing,
    ...(correctsRun !== null && { correctsRun }),
  }
}
